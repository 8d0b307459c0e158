import { BoardList } from "@/components/board-list";
import { Solution } from "@/components/solution";
import type { Answered } from "@/lib/answer-box";
import type { Seat } from "@/lib/device";
import type { Graded, Session } from "@/lib/documents";
import type { LiveState } from "@/lib/live-session";
import type { Translate } from "@/lib/messages";
import { ownRank, percentile } from "@/lib/moment";
import { useNumber, useTranslate } from "@/lib/use-speech";
import { Neighbours } from "./neighbours";

const ROWS = 5;
const CROWD = 50; // from here on a percentage says more than a rank

interface Props {
  seat: Seat;
  live: LiveState;
  session: Session;
  answered: Answered | undefined;
}

export function resultTitle(graded: Graded | undefined, t: Translate): string {
  if (!graded) return t("play.missed");
  return t(graded.correct ? "play.right" : "play.wrong");
}

/** After the reveal: right or wrong, the points, why; then the own place and the top of the board. */
export function Result({ seat, live, session, answered }: Props) {
  const t = useTranslate();
  const { player, board } = live;
  const graded = player?.answers[String(session.question_index)];
  // The reveal of the session can be heard a moment before the own sheet.
  const waiting = !graded && answered !== undefined && answered.status.is !== "refused";
  const scored = session.options.scoring !== "none";
  return (
    <section className="result">
      {waiting ? <p className="quiet">{t("app.loading")}</p> : <Verdict graded={graded} live={live} />}
      {session.question && session.reveal && (
        <Solution
          question={session.question}
          reveal={session.reveal}
          language={session.language}
          mine={graded ?? answered?.given.body ?? null}
        />
      )}
      {scored && <Place seat={seat} live={live} />}
      {board && !session.options.board_hidden && scored && (
        <section className="card">
          <h2>{t("board.title")}</h2>
          <BoardList board={board} most={ROWS} me={seat.player_id} />
        </section>
      )}
      {board && !session.options.board_hidden && scored && <Neighbours seat={seat} live={live} listed={ROWS} />}
      <p className="quiet centre">{t("play.next")}</p>
    </section>
  );
}

/** Right or wrong, and what it pays. */
export function Verdict({ graded, live }: { graded: Graded | undefined; live: LiveState }) {
  const t = useTranslate();
  const scored = live.session?.options.scoring !== "none";
  const streak = live.player?.streak ?? 0;
  return (
    <div className="card verdict" data-right={graded?.correct ?? "none"}>
      <span className="sign" aria-hidden="true" />
      <h1>{resultTitle(graded, t)}</h1>
      {graded && scored && graded.points > 0 && <p className="points">{t("play.points", { count: graded.points })}</p>}
      {graded?.correct && streak > 1 && <p className="streak">{t("play.streak", { count: streak })}</p>}
    </div>
  );
}

export function Place({ seat, live }: { seat: Seat; live: LiveState }) {
  const t = useTranslate();
  const number = useNumber();
  const { board, player } = live;
  if (!board || !player) return null;
  const rank = ownRank(live, seat.player_id);
  const listed = board.top.length;
  const about = rank !== null && rank > listed && (live.ranks?.error ?? 0) > 0;
  return (
    <dl className="place">
      <div>
        <dt>{t("play.score")}</dt>
        <dd data-testid="score">{number(player.score)}</dd>
      </div>
      {listed > 0 && (
        <div>
          <dt>{t("play.rank")}</dt>
          <dd>
            {rank === null
              ? t("play.rank.below", { count: listed })
              : t(about ? "play.rank.about" : "play.rank.of", { rank, count: board.player_count })}
            {rank !== null && board.player_count >= CROWD && (
              <small> {t("play.rank.ahead", { percent: percentile(rank, board.player_count) })}</small>
            )}
          </dd>
        </div>
      )}
    </dl>
  );
}

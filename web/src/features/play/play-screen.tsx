import { useEffect } from "preact/hooks";
import { Announcer } from "@/components/announcer";
import { Avatar } from "@/components/avatar";
import { BoardList } from "@/components/board-list";
import { Frame } from "@/components/frame";
import { Lobby } from "@/components/lobby";
import { QuestionText } from "@/components/question-text";
import { StaleBanner } from "@/components/stale-banner";
import { LeadIn } from "@/components/time-bar";
import { playerBackend } from "@/lib/backend";
import { device, type Seat } from "@/lib/device";
import type { Question, Session } from "@/lib/documents";
import type { LiveState } from "@/lib/live-session";
import { awaitsHost, type Moment, momentOf, needsTime, ownRank } from "@/lib/moment";
import { serverClock, useServerNow, useServerSync } from "@/lib/server-clock";
import { useBackend } from "@/lib/use-backend";
import { useLive } from "@/lib/use-live";
import { useNumber, useTranslate } from "@/lib/use-speech";
import { AnswerForm } from "./answer-form";
import { Ending } from "./ending";
import { Receipt } from "./receipt";
import { Result, resultTitle, Verdict } from "./result";
import { ReturnCode } from "./return-code";
import { useAnswers } from "./use-answers";

/** Sending goes on for this long after the time is up: the server decides by when it heard of the answer first. */
const AFTER_CLOSE_MS = 4_000;
const LIVE_ROWS = 5;

export function PlayScreen({ sessionId }: { sessionId: string }) {
  const t = useTranslate();
  const seat = device.seats().find((each) => each.session_id === sessionId);
  if (!seat) return <Nothing text={t("play.noSeat")} />;
  return <Seated seat={seat} />;
}

function Seated({ seat: taken }: { seat: Seat }) {
  const t = useTranslate();
  const { backend, failed } = useBackend(playerBackend(taken.session_id));
  const live = useLive(backend, taken.session_id, taken.player_id);
  // The host may have given another name.
  const seat = { ...taken, nickname: live.player?.nickname ?? taken.nickname };
  const synced = useServerSync();
  const now = useServerNow(live.session?.opened_at, live.session?.closes_at);
  const moment = momentOf(live.session, live.player, now);
  if (moment === "unknown") return <Nothing text={t("play.unknown")} />;
  if (moment === "removed") return <Nothing text={t("play.removed")} />;
  return (
    <Frame title={seat.nickname} aside={<Standing seat={seat} live={live} />}>
      <StaleBanner live={failed ? { ...live, failure: "firebase" } : live} />
      {live.session && (synced || !needsTime(live.session)) ? (
        <Stage seat={seat} live={live} session={live.session} moment={moment} />
      ) : (
        <p className="quiet">{t("app.loading")}</p>
      )}
    </Frame>
  );
}

/** Until the host lets the player in. */
function Waiting({ seat }: { seat: Seat }) {
  const t = useTranslate();
  return (
    <section className="card centre">
      <Announcer text={t("lobby.waiting")} />
      <Avatar name={seat.avatar} size={120} />
      <h1>{t("lobby.waiting")}</h1>
      <p className="me">
        <bdi>{seat.nickname}</bdi>
      </p>
      <p className="quiet">{t("lobby.waiting.why")}</p>
    </section>
  );
}

interface StageProps {
  seat: Seat;
  live: LiveState;
  session: Session;
  moment: Moment;
}

function Stage({ seat, live, session, moment }: StageProps) {
  const t = useTranslate();
  const { answers, box } = useAnswers(seat.session_id);
  const index = session.question_index ?? -1;
  const answered = answers[index];
  const running = moment === "open" || moment === "over";
  const sendFor = () => Math.max(0, (session.closes_at ?? 0) - serverClock.now()) + AFTER_CLOSE_MS;

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a question that was found running
  useEffect(() => {
    if (running) void box.resume(index, sendFor());
  }, [box, index, running]);

  if (awaitsHost(session, live.player) && moment !== "finished") return <Waiting seat={seat} />;
  const says = announcement(moment, session, live, index, t);
  if (moment === "lobby") {
    return (
      <>
        <Announcer text={t("lobby.in")} />
        <Lobby board={live.board} me={seat} />
        <ReturnCode seat={seat} />
      </>
    );
  }
  if (moment === "finished") return <Ending seat={seat} live={live} />;
  if (moment === "reveal") {
    return (
      <>
        <Announcer text={says} />
        <Result seat={seat} live={live} session={session} answered={answered} />
      </>
    );
  }
  const question = session.question as Question;
  return (
    <section className="question">
      <Announcer text={says} />
      <p className="kicker">{t("play.question", { number: index + 1, total: session.question_count })}</p>
      <QuestionText question={question} language={session.language} />
      {moment === "lead" && <LeadIn session={session} />}
      {running && (
        <AnswerForm
          key={index}
          sessionId={seat.session_id}
          session={session}
          question={question}
          open={moment === "open" && !answered}
          given={answered?.given.body ?? null}
          give={(body) => void box.give(body, sendFor())}
        />
      )}
      {running && <Receipt answered={answered} over={moment === "over"} sheet={live.player} />}
      {running && <AtOnce seat={seat} live={live} index={index} />}
    </section>
  );
}

/** With `reveal: on_answer` the own sheet tells before the question is over, and the board moves meanwhile. */
function AtOnce({ seat, live, index }: { seat: Seat; live: LiveState; index: number }) {
  const t = useTranslate();
  const graded = live.player?.answers[String(index)];
  const { session, board } = live;
  if (!graded || !session) return null;
  return (
    <>
      <Verdict graded={graded} live={live} />
      {board && session.options.scoring !== "none" && !session.options.board_hidden && (
        <section className="card">
          <h2>{t("board.title")}</h2>
          <BoardList board={board} most={LIVE_ROWS} me={seat.player_id} />
        </section>
      )}
    </>
  );
}

function announcement(
  moment: Moment,
  session: Session,
  live: LiveState,
  index: number,
  t: ReturnType<typeof useTranslate>,
): string {
  if (moment === "lead" || moment === "open") {
    const where = t("play.question", { number: index + 1, total: session.question_count });
    return `${where}: ${session.question?.prompt ?? ""}`;
  }
  if (moment === "over") return t("play.timeUp");
  return moment === "reveal" ? resultTitle(live.player?.answers[index], t) : "";
}

/** Who plays here, with score and rank, at the top of every screen. */
function Standing({ seat, live }: { seat: Seat; live: LiveState }) {
  const t = useTranslate();
  const number = useNumber();
  const rank = ownRank(live, seat.player_id);
  const begun = live.session && live.session.state !== "lobby" && live.session.options.scoring !== "none";
  // While nobody has a point everybody is first, which tells nothing.
  const led = (live.board?.top[0]?.score ?? 0) > 0;
  return (
    <div className="standing">
      {begun && live.player && (
        <>
          <span className="score">
            <span className="hidden">{t("play.score")}</span> {number(live.player.score)}
          </span>
          {rank !== null && led && (
            <span className="rank">
              <span className="hidden">{t("play.rank")}</span> <span aria-hidden="true">#</span>
              {number(rank)}
            </span>
          )}
        </>
      )}
      <bdi className="name">{seat.nickname}</bdi>
      <Avatar name={seat.avatar} size={32} />
    </div>
  );
}

function Nothing({ text }: { text: string }) {
  const t = useTranslate();
  return (
    <Frame>
      <section className="card centre">
        <h1>{text}</h1>
        <a className="button primary" href="/join">
          {t("play.join")}
        </a>
      </section>
    </Frame>
  );
}

import type { ComponentChildren } from "preact";
import { Announcer } from "@/components/announcer";
import { BoardList } from "@/components/board-list";
import { Frame } from "@/components/frame";
import { kindOf } from "@/components/kinds";
import { Podium } from "@/components/podium";
import { QuestionText } from "@/components/question-text";
import { Solution } from "@/components/solution";
import { StaleBanner } from "@/components/stale-banner";
import { LeadIn, TimeBar } from "@/components/time-bar";
import { answerWords } from "@/lib/answer-words";
import type { Backend } from "@/lib/backend";
import type { Board, Question, Session } from "@/lib/documents";
import { momentOf, needsTime } from "@/lib/moment";
import { useServerNow, useServerSync } from "@/lib/server-clock";
import { useLive } from "@/lib/use-live";
import { usePaintMark } from "@/lib/use-paint-mark";
import { useTranslate } from "@/lib/use-speech";
import { Controls } from "./controls";
import { Reports } from "./reports";
import { StageLobby } from "./stage-lobby";
import { type Commands, useCommands } from "./use-commands";
import { useRanksBefore } from "./use-ranks-before";
import { Waiting } from "./waiting";

const ROWS = 10;

/** The screen for the projector. Everything it shows comes from the documents, so a reload goes on where it was. */
export function StageScreen({ backend, sessionId }: { backend: Backend; sessionId: string }) {
  const t = useTranslate();
  const live = useLive(backend, sessionId, null);
  const { session, board } = live;
  const commands = useCommands(backend, sessionId, session);
  const synced = useServerSync();
  const shell = (content: ComponentChildren, controls?: ComponentChildren) => (
    <Frame wide title={session?.title ?? ""} aside={session && <StagePin session={session} />}>
      <StaleBanner live={live} />
      {content}
      {controls}
    </Frame>
  );
  if (session === null) return shell(<p className="card centre">{t("play.unknown")}</p>);
  if (!session || !board || (needsTime(session) && !synced)) return shell(<p className="quiet">{t("app.loading")}</p>);
  if (session.host_id !== backend.uid()) return shell(<p className="card centre">{t("stage.notYours")}</p>);
  return shell(
    <Scene backend={backend} sessionId={sessionId} session={session} board={board} commands={commands} />,
    <>
      {session.state !== "lobby" && (
        <Waiting backend={backend} sessionId={sessionId} session={session} commands={commands} open={false} />
      )}
      <Controls session={session} commands={commands} players={board.player_count} />
    </>,
  );
}

interface SceneProps {
  backend: Backend;
  sessionId: string;
  session: Session;
  board: Board;
  commands: Commands;
}

function Scene({ backend, sessionId, session, board, commands }: SceneProps) {
  const t = useTranslate();
  const now = useServerNow(session.opened_at, session.closes_at);
  const moment = momentOf(session, null, now);
  const before = useRanksBefore(sessionId, session, board);
  switch (moment) {
    case "lobby":
      return <StageLobby backend={backend} sessionId={sessionId} session={session} board={board} commands={commands} />;
    case "finished":
      return <Ending backend={backend} sessionId={sessionId} session={session} board={board} />;
    case "reveal":
      return <Revealed session={session} board={board} before={before} />;
    default:
      return (
        <section className="stage-question">
          <Announcer text={session.question?.prompt ?? ""} />
          <p className="kicker">
            {t("play.question", { number: (session.question_index ?? 0) + 1, total: session.question_count })}
          </p>
          <QuestionText question={session.question as Question} language={session.language} />
          {moment === "lead" ? <LeadIn session={session} /> : <Running session={session} board={board} />}
        </section>
      );
  }
}

function Running({ session, board }: { session: Session; board: Board }) {
  const t = useTranslate();
  const question = session.question as Question;
  const { Offered } = kindOf(question.kind);
  const answered = board.tally?.question_index === session.question_index ? board.tally.answered : 0;
  usePaintMark(board.seq);
  return (
    <>
      <TimeBar session={session} />
      <Offered question={question} language={session.language} />
      <p className="answered" role="status">
        {board.player_count > 0 && answered >= board.player_count
          ? t("stage.all")
          : t("stage.answered", { answered, count: board.player_count })}
      </p>
    </>
  );
}

function Revealed({ session, board, before }: { session: Session; board: Board; before: ReadonlyMap<string, number> }) {
  const t = useTranslate();
  const tally = board.tally?.question_index === session.question_index ? board.tally : null;
  if (!session.question || !session.reveal) return <p className="quiet">{t("app.loading")}</p>;
  const shown = !session.options.board_hidden && session.options.scoring !== "none";
  return (
    <section className="revealed" data-board={shown || undefined}>
      <Announcer text={`${t("play.answer")}: ${answerWords(session.question.choices, session.reveal.key)}`} />
      <div>
        <p className="kicker">
          {t("play.question", { number: (session.question_index ?? 0) + 1, total: session.question_count })}
          {tally?.correct != null && ` · ${t("stage.correct", { correct: tally.correct, answered: tally.answered })}`}
        </p>
        <Solution
          question={session.question}
          reveal={session.reveal}
          language={session.language}
          tally={tally?.choices ?? null}
          heading="h1"
        />
      </div>
      {shown && (
        <section className="card">
          <h2>{t("board.title")}</h2>
          <BoardList board={board} most={ROWS} before={before} />
        </section>
      )}
    </section>
  );
}

function Ending({ backend, sessionId, session, board }: Omit<SceneProps, "commands">) {
  const t = useTranslate();
  const ranked = session.options.scoring !== "none" && board.top.length > 0;
  if (!board.final) {
    return (
      <h1 className="card centre" role="status">
        {t("podium.counting")}
      </h1>
    );
  }
  return (
    <section className="stage-ending">
      <h1 className="centre">{ranked ? t("podium.title") : t("podium.over")}</h1>
      {ranked && <Podium board={board} />}
      {ranked && (
        <section className="card">
          <h2>{t("board.title")}</h2>
          <BoardList board={board} most={ROWS} />
        </section>
      )}
      <Reports backend={backend} sessionId={sessionId} pin={session.pin} />
      <p className="centre">
        <a className="button" href="/host">
          {t("stage.new")}
        </a>
      </p>
    </section>
  );
}

function StagePin({ session }: { session: Session }) {
  const t = useTranslate();
  if (session.state === "lobby" || session.state === "finished") return null;
  return (
    <span className="stage-pin">
      {session.locked ? t("stage.locked") : `${location.host} · ${t("stage.pin")} `}
      {!session.locked && <b dir="ltr">{session.pin}</b>}
    </span>
  );
}

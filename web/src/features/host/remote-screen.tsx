import { Frame } from "@/components/frame";
import { StaleBanner } from "@/components/stale-banner";
import { LeadIn, TimeBar } from "@/components/time-bar";
import type { Backend } from "@/lib/backend";
import type { Board, Session } from "@/lib/documents";
import { momentOf, needsTime } from "@/lib/moment";
import { useServerNow, useServerSync } from "@/lib/server-clock";
import { useLive } from "@/lib/use-live";
import { useTranslate } from "@/lib/use-speech";
import { Controls } from "./controls";
import { Roster } from "./roster";
import { useCommands } from "./use-commands";
import { Waiting } from "./waiting";

/** The same game from the host's phone: what is asked, how many have answered, and the buttons. */
export function RemoteScreen({ backend, sessionId }: { backend: Backend; sessionId: string }) {
  const t = useTranslate();
  const live = useLive(backend, sessionId, null);
  const { session, board } = live;
  const commands = useCommands(backend, sessionId, session);
  const synced = useServerSync();
  const mine = session && session.host_id === backend.uid();
  return (
    <Frame title={t("remote.title")}>
      <StaleBanner live={live} />
      <h1>{t("remote.title")}</h1>
      {session === undefined && <p className="quiet">{t("app.loading")}</p>}
      {session === null && <p className="card">{t("play.unknown")}</p>}
      {session && !mine && <p className="card">{t("stage.notYours")}</p>}
      {mine && board && (synced || !needsTime(session)) && (
        <>
          <Now session={session} board={board} />
          <Controls session={session} commands={commands} players={board.player_count} />
          <Waiting backend={backend} sessionId={sessionId} session={session} commands={commands} open />
          <Roster board={board} commands={commands} />
        </>
      )}
    </Frame>
  );
}

function Now({ session, board }: { session: Session; board: Board }) {
  const t = useTranslate();
  const moment = momentOf(session, null, useServerNow(session.opened_at, session.closes_at));
  const answered = board.tally?.question_index === session.question_index ? board.tally?.answered : 0;
  if (moment === "lobby" || moment === "finished") {
    return (
      <section className="card">
        <p className="kicker">{session.title}</p>
        <p>
          {t("stage.pin")} <b dir="ltr">{session.pin}</b> · {t("lobby.players", { count: board.player_count })}
        </p>
        {moment === "finished" && <p role="status">{t("podium.over")}</p>}
      </section>
    );
  }
  return (
    <section className="card">
      <p className="kicker">
        {t("play.question", { number: (session.question_index ?? 0) + 1, total: session.question_count })}
      </p>
      <h2 lang={session.language} dir="auto">
        {session.question?.prompt}
      </h2>
      {moment === "lead" && <LeadIn session={session} />}
      {(moment === "open" || moment === "over") && <TimeBar session={session} />}
      <p role="status">{t("stage.answered", { answered: answered ?? 0, count: board.player_count })}</p>
    </section>
  );
}

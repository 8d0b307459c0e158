import { generate } from "lean-qr";
import { toSvgSource } from "lean-qr/extras/svg";
import { useMemo } from "preact/hooks";
import type { Backend } from "@/lib/backend";
import type { Board, Session } from "@/lib/documents";
import { useTranslate } from "@/lib/use-speech";
import { Roster } from "./roster";
import type { Commands } from "./use-commands";
import { Waiting } from "./waiting";

interface Props {
  backend: Backend;
  sessionId: string;
  session: Session;
  board: Board;
  commands: Commands;
}

/** How to come in, large enough for the last row, and who has. */
export function StageLobby({ backend, sessionId, session, board, commands }: Props) {
  const t = useTranslate();
  const link = `${location.origin}/join?pin=${session.pin}`;
  return (
    <section className="stage-lobby">
      <h1 dir="auto" lang={session.language}>
        {session.title}
      </h1>
      <div className="invitation card">
        <div>
          <p className="quiet">{t("stage.joinAt")}</p>
          <p className="address" dir="ltr">
            {location.host}
          </p>
          <p className="quiet">{t("stage.pin")}</p>
          <p className="big-pin" dir="ltr">
            {session.pin.slice(0, 3)} {session.pin.slice(3)}
          </p>
          <p>
            <a href={link} dir="ltr">
              {link.replace(/^https?:\/\//, "")}
            </a>
          </p>
        </div>
        <Qr link={link} />
      </div>
      {session.locked && <p role="status">{t("stage.locked")}</p>}
      <Waiting backend={backend} sessionId={sessionId} session={session} commands={commands} open={false} />
      <Roster board={board} commands={commands} />
      <p className="quiet small">
        <a href={`/host/remote/${sessionId}`}>{t("stage.remote")}</a>
        <span className="by-keys"> · {t("stage.keys", { next: t("stage.space") })}</span>
      </p>
    </section>
  );
}

function Qr({ link }: { link: string }) {
  const t = useTranslate();
  const source = useMemo(() => toSvgSource(generate(link), { on: "#1b1740", off: "#ffffff" }), [link]);
  return <img className="qr" alt={t("stage.qr")} src={`data:image/svg+xml,${encodeURIComponent(source)}`} />;
}

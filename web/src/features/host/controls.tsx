import { useEffect, useState } from "preact/hooks";
import type { Session } from "@/lib/documents";
import { focused } from "@/lib/focused";
import type { MessageName } from "@/lib/messages";
import { useServerNow } from "@/lib/server-clock";
import { useTranslate } from "@/lib/use-speech";
import { type Commands, isLegal, nextCommand } from "./use-commands";

interface Props {
  session: Session;
  commands: Commands;
  players: number;
}

const LABEL: Record<string, MessageName> = { next: "stage.next", close: "stage.close", finish: "stage.finish" };

/** Everything a host can do to a running game, by pointer and by keys. */
export function Controls({ session, commands, players }: Props) {
  const t = useTranslate();
  const now = useServerNow(session.closes_at);
  const next = nextCommand(session, now);
  const [sure, setSure] = useState(false);
  const over = !isLegal("finish", session, now);
  const empty = session.state === "lobby" && players === 0;
  const label = session.state === "lobby" ? "stage.start" : next ? LABEL[next] : undefined;
  const goOn = () => next && !empty && commands.send(next);
  const askFinish = () => !over && setSure(true);
  useStageKeys({
    " ": goOn,
    ArrowRight: goOn,
    n: goOn,
    c: () => next === "close" && commands.send("close"),
    l: () => !over && commands.send(session.locked ? "unlock" : "lock"),
    f: askFinish,
  });
  if (over) return null;
  return (
    <div className="controls">
      {sure ? (
        <p className="sure" role="alertdialog" aria-label={t("stage.finish.sure")}>
          {t("stage.finish.sure")}
          <button
            type="button"
            className="danger"
            // The question was asked by a key; it is answered by one.
            ref={focused}
            onClick={() => {
              setSure(false);
              commands.send("finish");
            }}
          >
            {t("stage.yes")}
          </button>
          <button type="button" onClick={() => setSure(false)}>
            {t("stage.cancel")}
          </button>
        </p>
      ) : (
        <>
          {label && (
            <button type="button" className="primary" disabled={commands.busy || !next || empty} onClick={goOn}>
              {t(label)}
            </button>
          )}
          <button
            type="button"
            aria-pressed={session.locked}
            disabled={commands.busy}
            onClick={() => commands.send(session.locked ? "unlock" : "lock")}
          >
            {t(session.locked ? "stage.unlock" : "stage.lock")}
          </button>
          {session.state !== "lobby" && next !== "finish" && (
            <button type="button" disabled={commands.busy} onClick={askFinish}>
              {t("stage.finish")}
            </button>
          )}
        </>
      )}
      <p className="fault" role="alert">
        {commands.fault}
      </p>
    </div>
  );
}

/** Keys act on the page, not in a field, and a focused button keeps its own space bar. */
function useStageKeys(actions: Record<string, () => unknown>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.closest("input, select, textarea, button, a") !== null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (typing && (event.key === " " || event.key === "ArrowRight" || target.closest("input, select, textarea")))
        return;
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}

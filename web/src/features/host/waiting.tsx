import { useEffect, useState } from "preact/hooks";
import * as v from "valibot";
import { Avatar } from "@/components/avatar";
import type { Backend, Found } from "@/lib/backend";
import { playerShape, playersPath, type Session } from "@/lib/documents";
import { useTranslate } from "@/lib/use-speech";
import type { Commands } from "./use-commands";

const SHOWN = 50;

interface Props {
  backend: Backend;
  sessionId: string;
  session: Session;
  commands: Commands;
  /** Names that nobody has looked at yet are not for a projector. */
  open: boolean;
}

interface Waiter {
  id: string;
  nickname: string;
  avatar: string | null;
}

/** Who waits to be let in, where the host wants to see everybody first. */
export function Waiting({ backend, sessionId, session, commands, open }: Props) {
  const t = useTranslate();
  const asked = session.options.approval && session.state !== "finished";
  const waiting = useWaiting(backend, sessionId, asked);
  if (waiting.length === 0) return null;
  return (
    <details className="card waiting" open={open}>
      <summary>{t("stage.waiting", { count: waiting.length })}</summary>
      <ul>
        {waiting.map(({ id, nickname, avatar }) => (
          <li key={id}>
            <Avatar name={avatar} size={28} />
            <bdi>{nickname}</bdi>
            <button type="button" disabled={commands.busy} onClick={() => commands.admit([id])}>
              {t("stage.admit", { nickname })}
            </button>
            <button
              type="button"
              className="on-name"
              disabled={commands.busy}
              onClick={() => commands.remove(nickname, id)}
              aria-label={t("stage.remove", { nickname })}
            >
              <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="primary"
        disabled={commands.busy}
        onClick={() => commands.admit(waiting.map(({ id }) => id))}
      >
        {t("stage.admit.all")}
      </button>
    </details>
  );
}

function useWaiting(backend: Backend, sessionId: string, asked: boolean): Waiter[] {
  const [waiting, setWaiting] = useState<Waiter[]>([]);
  useEffect(() => {
    if (!asked) return setWaiting([]);
    const filters: [string, boolean][] = [
      ["admitted", false],
      ["removed", false],
    ];
    return backend.watch(playersPath(sessionId), filters, SHOWN, (found) => setWaiting(found.flatMap(waiter)));
  }, [backend, sessionId, asked]);
  return waiting;
}

/** Skips a player whose join is not processed yet: the document has no nickname. */
function waiter({ id, data }: Found): Waiter[] {
  const player = v.safeParse(playerShape, data);
  if (!player.success || player.output.nickname === null) return [];
  return [{ id, nickname: player.output.nickname, avatar: player.output.avatar }];
}

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Command, Refused, sendCommand } from "@/lib/api";
import type { Backend } from "@/lib/backend";
import { playersPath, type Session } from "@/lib/documents";
import { freshKey } from "@/lib/ids";
import { refusalText } from "@/lib/refusal-text";
import { useTranslate } from "@/lib/use-speech";

export interface Commands {
  /** True from pressing until the session's document shows it. */
  busy: boolean;
  fault: string | null;
  send(command: Command): void;
  /** By the id where the list knows it: names are looked up. */
  remove(nickname: string, playerId?: string): void;
  rename(nickname: string, to: string): void;
  admit(playerIds: string[]): void;
}

const EFFECT_MS = 4_000;

/** The host's commands. While one is under way others wait, so that a double press opens no second question. */
export function useCommands(backend: Backend, sessionId: string, session: Session | null | undefined): Commands {
  const t = useTranslate();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const underWay = useRef(false);
  const shown = `${session?.state}/${session?.question_index}/${session?.closes_at}/${session?.locked}`;

  const done = useCallback(() => {
    underWay.current = false;
    setBusy(false);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the document is the effect that was waited for
  useEffect(done, [done, shown]);

  const run = useCallback(
    async (work: () => Promise<void>) => {
      if (underWay.current) return;
      underWay.current = true;
      setBusy(true);
      setFault(null);
      try {
        await work();
        setTimeout(done, EFFECT_MS);
      } catch (error) {
        done();
        setFault(refusalText(error, t));
      }
    },
    [done, t],
  );
  const token = useCallback(() => backend.idToken(), [backend]);
  const called = async (nickname: string): Promise<string> => {
    const [found] = await backend.find(playersPath(sessionId), [["nickname", nickname]], 1);
    if (!found) throw new Refused("wrong_state", `nobody is called ${nickname}`);
    return found.id;
  };
  return {
    busy,
    fault,
    send: (command) => {
      const meant = questionOf(command, session);
      void run(() => sendCommand(sessionId, command, freshKey(), token, meant));
    },
    remove: (nickname, playerId) =>
      void run(async () => {
        const player_id = playerId ?? (await called(nickname));
        await sendCommand(sessionId, "remove", freshKey(), token, { player_id });
        done();
      }),
    rename: (nickname, to) =>
      void run(async () => {
        const player_id = await called(nickname);
        await sendCommand(sessionId, "rename", freshKey(), token, { player_id, nickname: to });
        done();
      }),
    admit: (playerIds) =>
      void run(async () => {
        for (const player_id of playerIds) await sendCommand(sessionId, "admit", freshKey(), token, { player_id });
        done();
      }),
  };
}

/** Whether the API takes a command in this state: the twin of functions/quizcore/domain/commands.py. */
export function isLegal(command: Command, session: Session, now: number): boolean {
  const running = session.state === "question" && now < (session.closes_at ?? 0);
  switch (command) {
    case "next":
      return session.state !== "finished" && !running && following(session) < session.question_count;
    case "close":
      return running;
    case "finish":
    case "lock":
    case "unlock":
      return session.state !== "finished";
    default: // what is done to one player
      return true;
  }
}

const following = (session: Session) => (session.question_index ?? -1) + 1;

/** The question that `next` or `close` means, as it was on the screen: one that comes late or twice moves no other. */
export function questionOf(command: Command, session: Session | null | undefined): { question_index?: number } {
  if (!session) return {};
  if (command === "next") return { question_index: following(session) };
  return command === "close" && session.question_index !== null ? { question_index: session.question_index } : {};
}

/** What going on means now, or null when only time can move the game. */
export function nextCommand(session: Session, now: number): Command | null {
  if (session.state === "finished") return null;
  if (session.state === "question" && session.reveal === null) {
    return isLegal("close", session, now) ? "close" : null;
  }
  return following(session) < session.question_count ? "next" : "finish";
}

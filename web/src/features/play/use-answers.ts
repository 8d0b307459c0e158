import { useEffect, useMemo } from "preact/hooks";
import { type AnswerBox, type Answered, createAnswerBox } from "@/lib/answer-box";
import { submitAnswer } from "@/lib/api";
import { backend, playerBackend } from "@/lib/backend";
import { device } from "@/lib/device";
import { freshKey } from "@/lib/ids";
import { useStore } from "@/lib/use-store";

/** The answers that this device has given in a session, and the way to give one. */
export function useAnswers(sessionId: string): { answers: Record<number, Answered>; box: AnswerBox } {
  const box = useMemo(() => {
    const token = async () => (await backend(playerBackend(sessionId))).idToken();
    return createAnswerBox(
      sessionId,
      device,
      (body, options) => submitAnswer(sessionId, body, { ...options, token }),
      freshKey,
    );
  }, [sessionId]);
  useEffect(() => {
    addEventListener("storage", box.reread);
    return () => removeEventListener("storage", box.reread);
  }, [box]);
  return { answers: useStore(box.store), box };
}

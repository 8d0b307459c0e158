// The answers of one player to one session: given once, kept on the device before they are sent, repeated with the
// same key until the server has answered. Framework-free; features/play binds it to the screens.
import { createStore, type StoreApi } from "zustand/vanilla";
import { type AnswerBody, type Receipt, Refused } from "@/lib/api";
import type { Device, GivenAnswer } from "@/lib/device";

export type AnswerStatus =
  | { is: "sending"; retrying: boolean }
  | { is: "recorded" }
  /** The server's last word did not arrive, so it may or may not count. */
  | { is: "unconfirmed" }
  | { is: "refused"; error: Refused };

export interface Answered {
  given: GivenAnswer;
  status: AnswerStatus;
}

export type Submit = (
  body: AnswerBody,
  options: { key: string; forMs: number; onRetry: () => void },
) => Promise<Receipt>;

export interface AnswerBox {
  store: StoreApi<Record<number, Answered>>;
  /** Answer a question; what was answered before stays. `forMs`: how long sending makes sense. */
  give(body: AnswerBody, forMs: number): Promise<void>;
  /** After a reload: send again what has no receipt. */
  resume(questionIndex: number, forMs: number): Promise<void>;
  /** Another tab may have answered. */
  reread(): void;
}

export function createAnswerBox(
  sessionId: string,
  device: Pick<Device, "answers" | "keep">,
  submit: Submit,
  newKey: () => string,
): AnswerBox {
  const store = createStore<Record<number, Answered>>(() => kept(device.answers(sessionId)));
  const put = (given: GivenAnswer, status: AnswerStatus) =>
    store.setState({ [given.body.question_index]: { given, status } });

  async function send(given: GivenAnswer, forMs: number, sentBefore: boolean): Promise<void> {
    let unsure = sentBefore;
    put(given, { is: "sending", retrying: sentBefore });
    try {
      const receipt = await submit(given.body, {
        key: given.key,
        forMs,
        onRetry: () => {
          unsure = true;
          put(given, { is: "sending", retrying: true });
        },
      });
      const confirmed = { ...given, receipt };
      device.keep(sessionId, confirmed);
      put(confirmed, { is: "recorded" });
    } catch (error) {
      put(given, outcome(error, unsure));
    }
  }

  return {
    store,
    async give(body, forMs) {
      if (store.getState()[body.question_index]) return;
      const given = { key: newKey(), body, receipt: null };
      device.keep(sessionId, given);
      await send(given, forMs, false);
    },
    async resume(questionIndex, forMs) {
      const known = store.getState()[questionIndex];
      if (known?.status.is === "unconfirmed") await send(known.given, forMs, true);
    },
    reread() {
      const here = store.getState();
      const found = Object.entries(kept(device.answers(sessionId)));
      store.setState(Object.fromEntries(found.filter(([index, { given }]) => !here[Number(index)] || given.receipt)));
    },
  };
}

function kept(answers: Record<string, GivenAnswer>): Record<number, Answered> {
  const entries = Object.values(answers).map((given): [number, Answered] => [
    given.body.question_index,
    { given, status: given.receipt ? { is: "recorded" } : { is: "unconfirmed" } },
  ]);
  return Object.fromEntries(entries);
}

/** A refusal of a repeated request may be the echo of a first try that counted. */
function outcome(error: unknown, unsure: boolean): AnswerStatus {
  if (!(error instanceof Refused)) return { is: "unconfirmed" };
  return unsure && (error.code === "not_open" || error.code === "already_answered")
    ? { is: "unconfirmed" }
    : { is: "refused", error };
}

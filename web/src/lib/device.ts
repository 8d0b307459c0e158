// What this device remembers: who plays here, and which answers were given, so that a reload, a closed laptop or a
// second tab is the same player with the same answers. The sign-in itself is kept by Firebase.
import * as v from "valibot";
import type { AnswerBody, Receipt } from "@/lib/api";

const seatShape = v.object({
  session_id: v.string(),
  player_id: v.string(),
  pin: v.string(),
  nickname: v.string(),
  avatar: v.string(),
  /** Whether the game was kept for the account of this device. */
  kept: v.optional(v.boolean()),
});

const answerShape = v.object({
  key: v.string(),
  body: v.union([
    v.object({ question_index: v.number(), choices: v.array(v.number()) }),
    v.object({ question_index: v.number(), text: v.string() }),
  ]),
  receipt: v.nullable(v.object({ receipt: v.string(), received_at: v.number() })),
});

export type Seat = v.InferOutput<typeof seatShape>;
/** An answer as this device sent it. `receipt` is null until the server has confirmed it. */
export interface GivenAnswer {
  key: string;
  body: AnswerBody;
  receipt: Receipt | null;
}

const SEATS = "wordrush.seats";
const SEATS_KEPT = 5;
const answersName = (sessionId: string) => `wordrush.answers.${sessionId}`;

export interface Device {
  seats(): Seat[];
  sit(seat: Seat): void;
  answers(sessionId: string): Record<string, GivenAnswer>;
  keep(sessionId: string, answer: GivenAnswer): void;
  setting(name: string): string | null;
  set(name: string, value: string): void;
  /** What `set` has stored as JSON; null when there is nothing, or not of this shape. */
  recall<T>(name: string, shape: v.GenericSchema<T>): T | null;
}

/** `storage` may refuse (private windows, full disks): then the device remembers until the page closes. */
export function createDevice(storage: Storage): Device {
  const memory = new Map<string, string>();
  const read = (name: string): string | null => {
    try {
      return memory.get(name) ?? storage.getItem(name);
    } catch {
      return memory.get(name) ?? null;
    }
  };
  const write = (name: string, value: string | null): void => {
    try {
      if (value === null) storage.removeItem(name);
      else storage.setItem(name, value);
      memory.delete(name);
    } catch {
      if (value === null) memory.delete(name);
      else memory.set(name, value);
    }
  };
  const seats = (): Seat[] => parse(v.array(seatShape), read(SEATS)) ?? [];
  const answers = (sessionId: string) => parse(v.record(v.string(), answerShape), read(answersName(sessionId))) ?? {};
  return {
    seats,
    sit(seat) {
      const others = seats().filter((other) => other.session_id !== seat.session_id);
      for (const gone of others.slice(SEATS_KEPT - 1)) write(answersName(gone.session_id), null);
      write(SEATS, JSON.stringify([seat, ...others].slice(0, SEATS_KEPT)));
    },
    answers,
    keep(sessionId, answer) {
      const all = { ...answers(sessionId), [answer.body.question_index]: answer };
      write(answersName(sessionId), JSON.stringify(all));
    },
    setting: (name) => read(`wordrush.${name}`),
    set: (name, value) => write(`wordrush.${name}`, value),
    recall: (name, shape) => parse(shape, read(`wordrush.${name}`)),
  };
}

export const device = createDevice(globalThis.localStorage);
/** What only this tab remembers, until it is closed: what somebody has typed and not sent. */
export const tab = createDevice(globalThis.sessionStorage);

function parse<T extends v.GenericSchema>(shape: T, text: string | null): v.InferOutput<T> | null {
  if (text === null) return null;
  try {
    const found = v.safeParse(shape, JSON.parse(text));
    return found.success ? found.output : null;
  } catch {
    return null;
  }
}

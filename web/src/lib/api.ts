// The HTTP calls of a game; lib/people-api.ts has those of people. Every POST bears an Idempotency-Key that its caller
// made before the first try, so that repeating it is safe; it is repeated on a lost connection, 408, 429, 500 and 503,
// with back-off and full jitter.
import * as v from "valibot";
import type { components } from "@/lib/api-types";
import { attestation } from "@/lib/attestation";
import { backoff, connectionOrPause } from "@/lib/backoff";
import { type Standing, standingShape } from "@/lib/documents";

const ROOT = "/api/v1";
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MOST_MS = 4_000;
const TRY_MS = 8_000;
const NO_CONTENT = 204;
const REPEATABLE = new Set([408, 429, 500, 502, 503, 504]);

/** The API refused for good; `code` is one of the codes of docs/client-protocol.md. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** No answer within the time that the caller gave. Whether the request counted is not known. */
export class Unanswered extends Error {}

/** Too many requests from here; they go on as soon as there is room. */
class TooMany extends Unanswered {}

export type Token = () => Promise<string>;

export interface Post {
  path: string;
  method?: "POST" | "PUT" | "DELETE";
  body?: unknown;
  key: string;
  token?: Token | undefined;
  /** Called on 429 for a request without an account, which is counted by its address: gives an account to retry with. */
  account?: () => Promise<Token>;
  /** How long to go on trying, from now. */
  forMs: number;
  /** Told each time when a try has failed and another follows. */
  onRetry?: () => void;
}

export type Schemas = components["schemas"];

/** A shape that is exactly what docs/openapi.json says of this response: a field more or less does not compile. */
export function shapeOf<Name extends keyof Schemas>() {
  return <S extends v.GenericSchema<unknown, Schemas[Name]>>(
    shape: Schemas[Name] extends v.InferOutput<S> ? S : never,
  ): S => shape;
}

const joinedShape = shapeOf<"Joined">()(
  v.object({ session_id: v.string(), player_id: v.string(), token: v.nullable(v.string()) }),
);
const receiptShape = shapeOf<"AnswerAccepted">()(v.object({ receipt: v.string(), received_at: v.number() }));
const openedShape = shapeOf<"SessionOpened">()(
  v.object({ session_id: v.string(), pin: v.string(), join_url: v.string() }),
);
const timeShape = shapeOf<"ServerTime">()(v.object({ now: v.number() }));
const problemShape = v.object({ code: v.string(), detail: v.string() });
const ownSessionShape = shapeOf<"OwnSession">()(
  v.object({
    session_id: v.string(),
    pin: v.string(),
    quiz_id: v.string(),
    title: v.string(),
    state: v.picklist(["lobby", "question", "closed", "finished"]),
    player_count: v.number(),
    created_at: v.number(),
    final: v.boolean(),
  }),
);
const ownSessionsShape = shapeOf<"OwnSessions">()(
  v.object({ sessions: v.array(ownSessionShape), next: v.nullable(v.string()) }),
);
const revealedShape = shapeOf<"RevealedQuestions">()(
  v.object({
    questions: v.array(
      v.object({
        index: v.number(),
        prompt: v.string(),
        kind: v.string(),
        choices: v.array(v.string()),
        points: v.number(),
        time_limit_ms: v.number(),
        media: v.nullable(v.string()),
        key: v.union([v.array(v.number()), v.array(v.string())]),
        explanation: v.nullable(v.string()),
      }),
    ),
  }),
);
const standingsShape = shapeOf<"StandingsAround">()(
  v.object({
    seqs: v.record(v.string(), v.number()),
    as_of: v.number(),
    player_count: v.number(),
    player_id: v.string(),
    rows: v.array(standingShape),
  }),
);

export type Joined = Schemas["Joined"];
export type Receipt = Schemas["AnswerAccepted"];
export type Opened = Schemas["SessionOpened"];
export type OwnSession = Schemas["OwnSession"];
export type RevealedQuestion = Schemas["RevealedQuestion"];
export type AnswerBody = { question_index: number; choices: number[] } | { question_index: number; text: string };
/** What the screens send; they never say how many will come. */
export type Command = Exclude<Schemas["CommandBody"]["command"], "expect">;

export async function serverTime(): Promise<number> {
  return v.parse(timeShape, await get("/time")).now;
}

export async function join(
  body: { pin: string; nickname: string; avatar: string },
  key: string,
  more: Pick<Post, "account" | "onRetry" | "token"> = {},
): Promise<Joined> {
  return v.parse(joinedShape, await post({ path: "/join", body, key, forMs: 30_000, ...more }));
}

export async function submitAnswer(
  sessionId: string,
  body: AnswerBody,
  options: Pick<Post, "key" | "token" | "forMs" | "onRetry">,
): Promise<Receipt> {
  return v.parse(receiptShape, await post({ path: `/sessions/${sessionId}/answers`, body, ...options }));
}

export interface Opening {
  quiz_id: string;
  options: object;
  /** Decides over how many shards the session is spread. */
  expected_players: number;
  /** A class of the host, on whose board the game counts. */
  class_id: string | null;
}

export async function openSession(body: Opening, key: string, token: Token): Promise<Opened> {
  return v.parse(openedShape, await post({ path: "/sessions", body, key, token, forMs: 20_000 }));
}

export async function sendCommand(
  sessionId: string,
  command: Command,
  key: string,
  token: Token,
  more: { question_index?: number; player_id?: string; nickname?: string } = {},
): Promise<void> {
  await post({ path: `/sessions/${sessionId}/commands`, body: { command, ...more }, key, token, forMs: 15_000 });
}

export async function ownSessions(token: Token): Promise<OwnSession[]> {
  return v.parse(ownSessionsShape, await get("/sessions", token)).sessions;
}

export async function revealedQuestions(sessionId: string, token: Token): Promise<RevealedQuestion[]> {
  const found = await get(`/sessions/${sessionId}/questions`, token);
  return v.parse(revealedShape, found).questions;
}

/** The players just above and below the caller, exact. */
export async function standingsAround(sessionId: string, token: Token): Promise<Standing[]> {
  const found = await get(`/sessions/${sessionId}/standings?around=me`, token);
  return v.parse(standingsShape, found).rows;
}

export async function report(sessionId: string, format: "csv" | "xlsx", token: Token): Promise<Blob> {
  const response = await request(`/sessions/${sessionId}/report?format=${format}`, { headers: await bearer(token) });
  return response.blob();
}

export async function get(path: string, token?: Token): Promise<unknown> {
  return (await request(path, { headers: token ? await bearer(token) : {} })).json();
}

/** Raises Refused or Unanswered. */
export async function post({
  path,
  method = "POST",
  body,
  key,
  token,
  account,
  forMs,
  onRetry,
}: Post): Promise<unknown> {
  const deadline = performance.now() + forMs;
  let bearerToken = token;
  let last: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        ...(bearerToken && (await bearer(bearerToken))),
      };
      const response = await request(path, { method, body: JSON.stringify(body) ?? null, headers });
      return response.status === NO_CONTENT ? null : await response.json();
    } catch (error) {
      if (error instanceof Refused) throw error;
      last = error;
      // Without an account (the project may not allow it) patience is what is left.
      if (error instanceof TooMany && !bearerToken) bearerToken = await account?.().catch(() => undefined);
    }
    const pause = backoff(attempt, BACKOFF_FIRST_MS, BACKOFF_MOST_MS);
    if (performance.now() + pause > deadline) throw new Unanswered("no answer from the server", { cause: last });
    onRetry?.();
    await connectionOrPause(pause);
  }
}

/** One try. Raises Refused for an answer that repeating would not change, else whatever fetch raises. */
async function request(path: string, init: RequestInit): Promise<Response> {
  const headers = { ...init.headers, ...(await attestation()) };
  const response = await fetch(`${ROOT}${path}`, { ...init, headers, signal: AbortSignal.timeout(TRY_MS) });
  if (response.ok) return response;
  if (response.status === 429) throw new TooMany("too many requests");
  const problem = v.safeParse(problemShape, await response.json().catch(() => null));
  if (REPEATABLE.has(response.status)) throw new Unanswered(`status ${response.status}`);
  throw problem.success
    ? new Refused(problem.output.code, problem.output.detail)
    : new Refused("internal", `status ${response.status}`);
}

async function bearer(token: Token): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${await token()}` };
}

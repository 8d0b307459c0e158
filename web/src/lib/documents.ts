// Every Firestore path and shape that a client reads: the twin of functions/quizcore/documents/. Times are
// milliseconds since the epoch by the server's clock. Unknown fields are ignored.
import * as v from "valibot";

export const quizzesPath = "quizzes";
export const sessionPath = (sessionId: string) => `sessions/${sessionId}`;
export const boardPath = (sessionId: string) => `sessions/${sessionId}/boards/top`;
export const ranksPath = (sessionId: string) => `sessions/${sessionId}/boards/ranks`;
export const playersPath = (sessionId: string) => `sessions/${sessionId}/players`;
export const playerPath = (sessionId: string, playerId: string) => `${playersPath(sessionId)}/${playerId}`;

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const time = v.pipe(v.number(), v.integer());
const key = v.union([v.array(v.number()), v.array(v.string())]);

export const quizShape = v.object({
  title: v.string(),
  description: v.string(),
  language: v.string(),
  level: v.string(),
  owner_id: v.string(),
  visibility: v.picklist(["public", "private"]),
  question_count: count,
  version: count,
  updated_at: time,
});

export const questionShape = v.object({
  prompt: v.string(),
  kind: v.string(), // of components/kinds, or of a later server
  choices: v.array(v.string()),
  time_limit_ms: count,
  points: count,
  media: v.nullable(v.string()),
});

export const revealShape = v.object({ key, explanation: v.nullable(v.string()) });

export const optionsShape = v.object({
  scoring: v.picklist(["classic", "flat", "none"]),
  reveal: v.picklist(["on_close", "on_answer"]),
  streak_bonus: v.boolean(),
  partial: v.boolean(),
  one_typo: v.boolean(),
  auto_advance: v.boolean(),
  auto_close: v.optional(v.boolean(), true),
  late_join: v.boolean(),
  approval: v.optional(v.boolean(), false),
  board_hidden: v.boolean(),
  lead_ms: count,
  grace_ms: count,
  review_ms: count,
  reserve_ms: v.optional(count, 0),
  delivery_ms: v.optional(count, 0),
});

/** The newest final board in numbers; `seq` is that board's. */
export const resultShape = v.object({ seq: count, as_of: time, players: count, answers: count, finished_at: time });

export const sessionShape = v.object({
  quiz_id: v.string(),
  title: v.string(),
  language: v.string(),
  host_id: v.string(),
  pin: v.string(),
  state: v.picklist(["lobby", "question", "closed", "finished"]),
  question_index: v.nullable(count),
  question: v.nullable(questionShape),
  question_count: count,
  opened_at: v.nullable(time),
  closes_at: v.nullable(time),
  reveal: v.nullable(revealShape),
  player_count: count,
  locked: v.boolean(),
  options: optionsShape,
  shards: count,
  class_id: v.optional(v.string()),
  final: v.boolean(),
  due_at: v.nullable(time),
  result: v.optional(v.nullable(resultShape), null),
  handed_seq: v.optional(count, 0),
  created_at: time,
});

export const standingShape = v.object({
  rank: count,
  player_id: v.string(),
  nickname: v.string(),
  avatar: v.string(),
  score: count,
});

export const tallyShape = v.object({
  question_index: count,
  answered: count,
  correct: v.nullable(count),
  choices: v.nullable(v.array(count)),
});

export const boardShape = v.object({
  seq: count,
  commit_id: v.string(),
  as_of: time,
  final: v.boolean(),
  player_count: count,
  top: v.array(standingShape),
  tally: v.nullable(tallyShape),
  recent: v.array(v.string()),
});

/** Firestore's bytes, as its SDK gives them. */
export const bytes = v.pipe(
  v.custom<{ toUint8Array(): Uint8Array }>(
    (value) => typeof value === "object" && value !== null && "toUint8Array" in value,
  ),
  v.transform((value) => value.toUint8Array()),
);

/** From which everybody reads their own rank (lib/ranks.ts); too good by at most `error`. */
export const ranksShape = v.object({ seq: count, as_of: time, player_count: count, error: count, scores: bytes });

const given = { receipt: v.string(), at: time, choices: v.optional(v.array(count)), text: v.optional(v.string()) };

export const gradedShape = v.object({ ...given, elapsed_ms: count, correct: v.boolean(), points: count });

export const refusalShape = v.object({
  ...given,
  question_index: count,
  reason: v.picklist(["early", "late", "duplicate", "unknown_question"]),
});

export const playerShape = v.object({
  nickname: v.nullable(v.string()),
  avatar: v.nullable(v.string()),
  score: count,
  correct_count: count,
  streak: count,
  answers: v.record(v.string(), gradedShape),
  refused: v.array(refusalShape),
  joined_at: v.nullable(time),
  join_receipt: v.nullable(v.string()),
  renamed: v.optional(v.nullable(v.object({ at: time, event_id: v.string(), nickname: v.string() })), null),
  admitted: v.optional(v.boolean(), true),
  removed: v.boolean(),
  place: v.nullable(v.string()),
  slot: count,
});

export type Quiz = v.InferOutput<typeof quizShape>;
export type Question = v.InferOutput<typeof questionShape>;
export type Reveal = v.InferOutput<typeof revealShape>;
export type Options = v.InferOutput<typeof optionsShape>;
export type Session = v.InferOutput<typeof sessionShape>;
export type Standing = v.InferOutput<typeof standingShape>;
export type Board = v.InferOutput<typeof boardShape>;
export type Ranks = v.InferOutput<typeof ranksShape>;
export type Graded = v.InferOutput<typeof gradedShape>;
export type Player = v.InferOutput<typeof playerShape>;

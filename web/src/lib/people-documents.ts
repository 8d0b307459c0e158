// Every Firestore path and shape of people, classes and leaderboards that a client reads: a part of lib/documents.ts.
import * as v from "valibot";
import { bytes, count, time } from "@/lib/documents";

export const GLOBAL_BOARD = "global";
/** Its entries are quizzes: `who` is the quiz, `nickname` its title, `points` the players of its sessions. */
export const QUIZZES_BOARD = "quizzes";
export const personPath = (uid: string) => `people/${uid}`;
export const monthsPath = (uid: string) => `${personPath(uid)}/months`;
export const membershipsPath = (uid: string) => `people/${uid}/classes`;
export const keptPath = (uid: string, sessionId: string) => `people/${uid}/kept/${sessionId}`;
export const classPath = (classId: string) => `classes/${classId}`;
export const membersPath = (classId: string) => `${classPath(classId)}/members`;
export const quizBoard = (quizId: string) => `quiz-${quizId}`;
export const classBoard = (classId: string) => `class-${classId}`;
export const periodPath = (board: string, period: string) => `boards/${board}/periods/${period}`;
export const leafPath = (board: string, period: string, leaf: number) => `${periodPath(board, period)}/leaves/${leaf}`;
export const pagePath = (board: string, period: string, page: number) => `boards/${board}/pages/${period}-${page}`;

/** Points, games, and when the points were reached. */
const totalShape = v.tuple([count, count, time]);

/** A result: its version, when, the quiz and its title, points (null for a player who was removed), rank, of how many. */
const packedShape = v.looseTuple([count, time, v.string(), v.string(), v.nullable(count), count, count]);
const countedShape = v.record(v.string(), packedShape);

/** Of one quiz: the best result and when it was reached first, the sum and when it grew last, and the games. */
const tallyShape = v.tuple([count, time, count, time, count]);

export const personShape = v.object({
  nickname: v.string(),
  avatar: v.string(),
  listed: v.boolean(),
  language: v.string(),
  /** The results of the last weeks, by session. */
  counted: countedShape,
  /** What the older ones, which lie in `months`, add up to: by class or `*`, and by quiz. */
  past: v.record(v.string(), v.record(v.string(), tallyShape)),
  /** By board and period, while a result in `counted` belongs to it. */
  totals: v.record(v.string(), v.record(v.string(), totalShape)),
});

export const monthShape = v.object({ counted: countedShape });

export const membershipShape = v.object({ title: v.string(), joined_at: time });
export const classShape = v.object({ owner_id: v.string(), title: v.string(), zone: v.string(), code: v.string() });
export const memberShape = v.object({ nickname: v.string(), avatar: v.string(), joined_at: time });

/** `who`, `nickname` and `avatar` are empty for a person who is not listed. */
export const leaderShape = v.object({
  rank: count,
  who: v.string(),
  nickname: v.string(),
  avatar: v.string(),
  points: count,
  reached_at: time,
});

/** With `error` 0 everybody reads their own rank from `scores`, else from the leaf that their points lie in. */
export const periodShape = v.object({
  people: count,
  top: v.array(leaderShape),
  error: count,
  scores: bytes,
  leaves: v.array(v.object({ best: count, ahead: count })),
  /** In how many documents the whole table of a class lies. */
  pages: count,
  seq: count,
  as_of: time,
});

export const leafShape = v.object({ scores: bytes, seq: count, as_of: time });

export const pageShape = v.object({ rows: v.array(leaderShape) });

export type Packed = v.InferOutput<typeof packedShape>;
export type Person = v.InferOutput<typeof personShape>;
export type Leader = v.InferOutput<typeof leaderShape>;
export type PeriodBoard = v.InferOutput<typeof periodShape>;
export type SchoolClass = v.InferOutput<typeof classShape>;

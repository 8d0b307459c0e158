// A person's total and rank on a leaderboard, from the person's document and the board's.
import {
  classBoard,
  GLOBAL_BOARD,
  type Leader,
  type PeriodBoard,
  type Person,
  quizBoard,
} from "@/lib/people-documents";
import { rankIn } from "@/lib/ranks";

/** A person's total in one period of one board. */
export interface Total {
  points: number;
  games: number;
  reachedAt: number;
}

export function totalOn(person: Person, board: string, period: string): Total | null {
  const found = person.totals[board]?.[period];
  if (found) return { points: found[0], games: found[1], reachedAt: found[2] };
  return period === "all" ? totalOfPast(person, board) : null;
}

const EVERYWHERE = "*";

/** The total when all results are old. A class adds up all of them, other boards the best of each quiz. */
function totalOfPast(person: Person, board: string): Total | null {
  const classId = board.startsWith(classBoard("")) ? board.slice(classBoard("").length) : null;
  const ofScope = Object.entries(person.past[classId ?? EVERYWHERE] ?? {});
  const everyQuiz = classId !== null || board === GLOBAL_BOARD;
  const tallies = ofScope.filter(([quiz]) => everyQuiz || quizBoard(quiz) === board).map(([, tally]) => tally);
  if (tallies.length === 0) return null;
  const [points, reachedAt] = classId === null ? [0, 1] : [2, 3];
  return {
    points: tallies.reduce((sum, tally) => sum + (tally[points] ?? 0), 0),
    games: tallies.reduce((sum, tally) => sum + tally[4], 0),
    reachedAt: Math.max(...tallies.map((tally) => tally[reachedAt] ?? 0)),
  };
}

/** The number of the leaf that contains the rank of these points; null when the board's own table does. */
export function leafOf({ error, leaves }: Pick<PeriodBoard, "error" | "leaves">, points: number): number | null {
  if (error === 0) return null;
  const leaf = leaves.findLastIndex(({ best }) => best >= points);
  return leaf < 0 ? null : leaf;
}

/**
 * 1 + the number of people with more points. `leaf`: the table of the leaf that `leafOf` names, or null while it is not
 * there; then the rank is too good by at most `error`.
 */
export function rankOn(board: PeriodBoard, points: number, leaf: Uint8Array | null): number {
  const number = leafOf(board, points);
  const found = number === null ? undefined : board.leaves[number];
  if (found && leaf) return found.ahead + rankIn(leaf, points);
  return rankIn(board.scores, points);
}

/**
 * The index of the person's row, or -1. The row of a person who is not listed has no id: points and moment identify it.
 * People with the same points in the same game share both; their rows look the same, so the first one stands for each.
 */
export function ownRow(rows: readonly Leader[], uid: string, total: Total | null): number {
  const named = rows.findIndex(({ who }) => who === uid);
  if (named >= 0 || total === null) return named;
  return rows.findIndex(
    ({ who, points, reached_at }) => who === "" && points === total.points && reached_at === total.reachedAt,
  );
}

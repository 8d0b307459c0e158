import { expect, test } from "vitest";
import { leafOf, ownRow, rankOn, totalOn } from "@/lib/own-place";
import type { PeriodBoard } from "@/lib/people-documents";

const SCORES = [9000, 8000, 8000, 7000, 5000, 5000, 5000, 300, 1];
const LEAF_SCORES = 2;

const leb = (number: number): number[] => (number < 128 ? [number] : [(number % 128) | 128, ...leb(number >> 7)]);
/** As the server writes it: differences and counts, best first. */
function table(people: readonly number[]): Uint8Array {
  const best = [...new Set(people)].sort((one, other) => other - one);
  const numbers = best.flatMap((score, place) => [
    place === 0 ? score : (best[place - 1] ?? 0) - score,
    people.filter((each) => each === score).length,
  ]);
  return Uint8Array.from(numbers.flatMap(leb));
}

const board = (more: Partial<PeriodBoard>): PeriodBoard => ({
  people: SCORES.length,
  pages: 0,
  top: [],
  error: 0,
  scores: table(SCORES),
  leaves: [],
  seq: 1,
  as_of: 2,
  ...more,
});
const expected = (points: number) => 1 + SCORES.filter((score) => score > points).length;
const ASKED = [9001, 9000, 8500, 8000, 7999, 7000, 5000, 4999, 300, 299, 1, 0];

test.each(ASKED)("on a small board %d points have the rank that counting gives", (points) => {
  expect(leafOf(board({}), points)).toBeNull();
  expect(rankOn(board({}), points, null)).toBe(expected(points));
});

const distinct = [...new Set(SCORES)];
const parts = [0, 2, 4].map((from) => distinct.slice(from, from + LEAF_SCORES));
const leaves = parts.map(([best = 0]) => ({ best, ahead: SCORES.filter((score) => score > best).length }));
const tables = parts.map((part) => table(SCORES.filter((score) => part.includes(score))));
// Neighbouring scores stand under the lowest of each group.
const rough = board({ error: 2, leaves, scores: table(SCORES.map((score) => Math.min(...group(score)))) });
function group(score: number): number[] {
  return parts.find((part) => part.includes(score)) ?? [score];
}

test.each(ASKED)("on a large board %d points have that rank, with one leaf", (points) => {
  const leaf = leafOf(rough, points);

  expect(rankOn(rough, points, leaf === null ? null : (tables[leaf] ?? null))).toBe(expected(points));
});

test.each(ASKED)("until the leaf is there, the rank of %d points is too good by at most the error", (points) => {
  const rank = rankOn(rough, points, null);

  expect(rank).toBeLessThanOrEqual(expected(points));
  expect(rank).toBeGreaterThanOrEqual(expected(points) - rough.error);
});

test("the own row is the one with the own id, or without one the one with the own points and moment", () => {
  const total = { points: 10, games: 1, reachedAt: 5 };
  const row = { rank: 1, who: "", nickname: "", avatar: "", points: 10, reached_at: 5 };
  const other = { ...row, who: "other" };

  expect(ownRow([other, row], "me", total)).toBe(1);
  expect(
    ownRow(
      [
        { ...row, reached_at: 6 },
        { ...row, points: 9 },
      ],
      "me",
      total,
    ),
  ).toBe(-1);
  expect(ownRow([row], "me", null)).toBe(-1);
  expect(ownRow([row, { ...row, who: "me", reached_at: 6 }], "me", total)).toBe(1);
});

test("of people with the same points in the same game one row is one's own", () => {
  const row = { rank: 1, who: "", nickname: "", avatar: "", points: 10, reached_at: 5 };

  expect(ownRow([row, row, row], "me", { points: 10, games: 1, reachedAt: 5 })).toBe(0);
});

test("a total is found by board and period", () => {
  const totals = { global: { all: [10, 2, 5] as [number, number, number] } };
  const person = { nickname: "Ann", avatar: "fox", listed: false, language: "en", counted: {}, past: {}, totals };

  expect(totalOn(person, "global", "all")).toEqual({ points: 10, games: 2, reachedAt: 5 });
  expect(totalOn(person, "global", "day-2026-11-25")).toBeNull();
  expect(totalOn(person, "quiz-q", "all")).toBeNull();
});

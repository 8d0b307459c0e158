import { expect, test } from "vitest";
import { leaderRows } from "@/lib/leader-rows";
import type { Leader } from "@/lib/people-documents";

const row = (rank: number, points: number, more: Partial<Leader> = {}): Leader => ({
  rank,
  who: "",
  nickname: "",
  avatar: "",
  points,
  reached_at: 100 + rank,
  ...more,
});
const lia = { who: "lia", nickname: "Lia", avatar: "owl" };
const me = {
  uid: "me",
  person: { nickname: "Mai", avatar: "bee", listed: false, language: "vi", counted: {}, past: {}, totals: {} },
};

test("a listed person has a name, anybody else has none", () => {
  expect(leaderRows([row(1, 9, lia), row(2, 8)], null, null, "Somebody")).toEqual([
    { rank: 1, score: 9, player_id: "lia", nickname: "Lia", avatar: "owl" },
    { rank: 2, score: 8, player_id: "102 8 0", nickname: "Somebody", avatar: "" },
  ]);
});

test("who looks finds the own row, listed or not", () => {
  const total = { points: 8, games: 1, reachedAt: 102 };
  const own = { player_id: "me", nickname: "Mai", avatar: "bee" };

  expect(leaderRows([row(1, 9), row(2, 8)], me, total, "Somebody")[1]).toMatchObject(own);
  expect(leaderRows([row(1, 9, { who: "me", nickname: "Old" })], me, null, "Somebody")[0]).toMatchObject(own);
  expect(leaderRows([row(1, 9), row(2, 8)], me, null, "Somebody")[1]).toMatchObject({ nickname: "Somebody" });
});

test("every row has a key of its own, which stays while others move", () => {
  const same = { reached_at: 7 };
  const before = leaderRows([row(1, 9, same), row(1, 9, same), row(3, 5)], null, null, "Somebody");
  const after = leaderRows(
    [row(1, 20, lia), row(2, 9, same), row(2, 9, same), row(4, 5, { reached_at: 103 })],
    null,
    null,
    "",
  );

  expect(new Set(before.map(({ player_id }) => player_id)).size).toBe(3);
  expect(after.slice(1).map(({ player_id }) => player_id)).toEqual(before.map(({ player_id }) => player_id));
});

import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { gamesOf } from "@/lib/history";
import { monthShape, type Packed, personShape } from "@/lib/people-documents";

const { people } = JSON.parse(readFileSync(new URL("../../tests/golden/people/people.json", import.meta.url), "utf8"));
const packed = (at: number, points: number | null = 5): Packed => [1, at, "q", `Quiz ${at}`, points, 2, 7];

test("a person's document, as Python writes it, holds the games of the last weeks", () => {
  expect(gamesOf(v.parse(personShape, people.lia).counted)).toEqual([
    { sessionId: "s1", at: 1_795_000_000_000, title: "Words", points: 900, rank: 1, of: 12 },
  ]);
});

test("the newest game comes first, whichever document it lies in, and each is there once", () => {
  const games = gamesOf({ old: packed(1), both: packed(2) }, { both: packed(2), new: packed(3), late: packed(3) });

  expect(games.map(({ sessionId }) => sessionId)).toEqual(["new", "late", "both", "old"]);
});

test("a game from which the host has removed the player is not shown", () => {
  expect(gamesOf({ s1: packed(1, null), s2: packed(2, 0) }).map(({ sessionId }) => sessionId)).toEqual(["s2"]);
});

test("a result of a class, which has two fields more, is read", () => {
  const counted = { s1: [...packed(1), "class-1", "2026-11-25"] };

  expect(gamesOf(v.parse(monthShape, { counted }).counted)).toHaveLength(1);
});

// The screens read of people and boards exactly what Python writes, and come to the same ranks and periods.
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { leafOf, ownRow, rankOn, totalOn } from "@/lib/own-place";
import { GLOBAL_BOARD, leafShape, periodShape, personShape } from "@/lib/people-documents";
import { periodOf, SPANS } from "@/lib/periods";

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../tests/golden/people/${name}.json`, import.meta.url), "utf8"));
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
/** As Firestore's SDK gives it. */
const stored = ({ scores, ...rest }: { scores: string }) => ({
  ...rest,
  scores: { toUint8Array: () => bytes(scores) },
});

const { people, periods } = golden("people");
const large = golden("large");

test.each(Object.keys(people))("%s is read, and her rank follows from her document and the board", (uid) => {
  const person = v.parse(personShape, people[uid]);
  const expected: Record<string, number> = { lia: 1, mai: 2 };

  for (const [period, data] of Object.entries(periods)) {
    const board = v.parse(periodShape, stored(data as { scores: string }));
    const total = totalOn(person, GLOBAL_BOARD, period);

    expect(rankOn(board, total?.points ?? 0, null)).toBe(expected[uid]);
    expect(ownRow(board.top, uid, total)).toBe(uid === "lia" ? 0 : 1);
    expect(board.top.map(({ nickname }) => nickname)).toEqual(["Lia", ""]);
  }
});

const rested = golden("rested");
test.each(Object.entries(rested.totals as Record<string, number[]>))(
  "the total on %s of somebody whose results are all old is still known: %j",
  (board, [points, games, reachedAt]) => {
    const person = v.parse(personShape, rested.person);

    expect(person.totals).toEqual({});
    expect(totalOn(person, board, "all")).toEqual({ points, games, reachedAt });
  },
);

test("a period is read with every field kept", () => {
  for (const data of Object.values(periods) as { scores: string }[]) {
    expect(v.parse(periodShape, stored(data))).toEqual({ ...data, scores: bytes(data.scores) });
  }
});

test.each(Object.entries(large.ranks as Record<string, number>))(
  "on a large board %s points have the rank that Python gives: %d",
  (points, rank) => {
    const board = v.parse(periodShape, stored(large.period));
    const leaf = leafOf(board, Number(points));
    const stamps = { seq: 7, as_of: 1 };
    const table = leaf === null ? null : v.parse(leafShape, stored({ scores: large.leaves[leaf], ...stamps })).scores;

    expect(board.error).toBeGreaterThan(0);
    expect(rankOn(board, Number(points), table)).toBe(rank);
  },
);

test.each(golden("calendar") as Record<string, string | number>[])("in $zone $iso lies in $day and $week", (moment) => {
  const found = SPANS.map((span) => periodOf(span, Number(moment["at"]), String(moment["zone"])));

  expect(found).toEqual(SPANS.map((span) => moment[span]));
});

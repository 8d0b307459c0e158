import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rankIn } from "@/lib/ranks";

const golden: { hex: string; ranks: Record<string, number> } = JSON.parse(
  readFileSync(new URL("../../tests/golden/ranks/table.json", import.meta.url), "utf8"),
);
const table = Uint8Array.from(Buffer.from(golden.hex, "hex"));

test.each(Object.entries(golden.ranks))("the table that Python wrote gives score %s rank %d", (score, rank) => {
  expect(rankIn(table, Number(score))).toBe(rank);
});

test("numbers beyond 32 bits are read", () => {
  // 2^35 + 5, then one player.
  expect(rankIn(Uint8Array.of(0x85, 0x80, 0x80, 0x80, 0x80, 0x01, 0x01), 2 ** 35 + 5)).toBe(1);
  expect(rankIn(Uint8Array.of(0x85, 0x80, 0x80, 0x80, 0x80, 0x01, 0x01), 2 ** 35 + 4)).toBe(2);
});

test("with an empty table every player is first", () => {
  expect(rankIn(new Uint8Array(), 0)).toBe(1);
});

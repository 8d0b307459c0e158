import { expect, test } from "vitest";
import { isSpan, periodOf, SPANS } from "@/lib/periods";

const at = (iso: string) => Date.parse(iso);

test.each([
  ["2026-11-25T12:00:00Z", "day-2026-11-25", "week-2026-W48", "month-2026-11"],
  // Monday begins a week.
  ["2026-11-23T00:00:00Z", "day-2026-11-23", "week-2026-W48", "month-2026-11"],
  ["2026-11-22T23:59:59Z", "day-2026-11-22", "week-2026-W47", "month-2026-11"],
  // A week belongs to the year of its Thursday.
  ["2027-01-03T10:00:00Z", "day-2027-01-03", "week-2026-W53", "month-2027-01"],
  ["2024-12-30T10:00:00Z", "day-2024-12-30", "week-2025-W01", "month-2024-12"],
  ["2023-01-01T10:00:00Z", "day-2023-01-01", "week-2022-W52", "month-2023-01"],
])("%s lies in %s, %s and %s", (moment, ...expected) => {
  expect(SPANS.map((span) => periodOf(span, at(moment)))).toEqual([...expected, "all"]);
});

test("a class's day begins at its own midnight, also when the clocks change", () => {
  expect(periodOf("day", at("2026-11-24T17:00:00Z"), "Asia/Ho_Chi_Minh")).toBe("day-2026-11-25");
  expect(periodOf("day", at("2026-03-28T23:30:00Z"), "Europe/Berlin")).toBe("day-2026-03-29");
  expect(periodOf("day", at("2026-03-29T21:59:59Z"), "Europe/Berlin")).toBe("day-2026-03-29");
  expect(periodOf("day", at("2026-03-29T22:00:00Z"), "Europe/Berlin")).toBe("day-2026-03-30");
  expect(periodOf("week", at("2026-11-29T23:30:00Z"), "Europe/Berlin")).toBe("week-2026-W49");
});

test("what an address may hold is a span or is not", () => {
  expect(["day", "all", "year", "", null].map(isSpan)).toEqual([true, true, false, false, false]);
});

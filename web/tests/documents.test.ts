// The shapes read exactly what Python writes: the same golden files, no field more and none less.
import { readdirSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { boardShape, playerShape, quizShape, ranksShape, sessionShape } from "@/lib/documents";

const folder = new URL("../../tests/golden/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const golden = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

describe.each(names)("%s", (name) => {
  const { session, board, players, quiz } = golden(name);

  const cases: [string, v.GenericSchema, unknown][] = [
    ["session", sessionShape, session],
    ["board", boardShape, board],
    ["quiz", quizShape, quiz],
    ...Object.entries(players).map(([id, player]): [string, v.GenericSchema, unknown] => [id, playerShape, player]),
  ];

  test.each(cases)("%s is read with every field kept", (_, shape, document) => {
    expect(v.parse(shape, document)).toEqual(document);
  });

  test("a field that is missing or of another type is refused by name", () => {
    const { final: _, ...lacking } = session;

    expect(v.safeParse(sessionShape, lacking).issues?.[0]?.path?.[0]?.key).toBe("final");
    expect(v.safeParse(boardShape, { ...board, seq: "7" }).success).toBe(false);
  });

  test("a field that a later server adds is ignored", () => {
    expect(v.parse(sessionShape, { ...session, of_tomorrow: 1 })).toEqual(session);
  });
});

test("the ranks are read from Firestore's bytes", () => {
  const scores = Uint8Array.of(5, 1);
  const document = { seq: 1, as_of: 2, player_count: 1, error: 0, scores: { toUint8Array: () => scores } };

  expect(v.parse(ranksShape, document)).toEqual({ ...document, scores });
  expect(v.safeParse(ranksShape, { ...document, scores: "BQE=" }).success).toBe(false);
});

test("every state has golden documents", () => {
  const states = names.map((name) => golden(name).session.state);

  expect(new Set(states)).toEqual(new Set(["lobby", "question", "closed", "finished"]));
});

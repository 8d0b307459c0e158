// Every kind of the server has its row; another one is a sentence, and the documents that hold it are read.
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { afterEach, expect, test, vi } from "vitest";
import { kindOf, kinds } from "@/components/kinds";
import { revealedQuestions } from "@/lib/api";
import { sessionShape } from "@/lib/documents";
import { LANGUAGES, type Language, type MessageName, translator } from "@/lib/messages";
import { reviewOf } from "@/lib/word-list";

const heard = vi.hoisted(() => ({ said: [] as string[] }));

vi.mock("@/lib/attestation", () => ({ attestation: async () => ({}) }));
vi.mock("@/lib/use-speech", () => ({
  useTranslate: () => (name: string) => heard.said.push(name) && `«${name}»`,
  useNumber: () => String,
}));

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../tests/golden/${name}.json`, import.meta.url), "utf8"));
const OF_TOMORROW = ["order", "constructor", ""];

afterEach(() => {
  vi.unstubAllGlobals();
  heard.said = [];
});

test("the table has a row for every kind of the server, and no other", () => {
  expect([...kinds.keys()]).toEqual(golden("kinds/names"));
});

test.each(OF_TOMORROW)("a session whose question is of the kind %j is read", (kind) => {
  const { session } = golden("question");
  const later = { ...session, question: { ...session.question, kind } };

  expect(v.parse(sessionShape, later)).toEqual(later);
});

test.each(OF_TOMORROW)("of the kind %j each screen shows one sentence", (kind) => {
  const known = kindOf("single");
  const shown = kindOf(kind);

  for (const place of ["Answering", "Offered", "Solved"] as const) {
    expect(shown[place]).not.toBe(known[place]);
    const told = (shown[place] as (props: object) => { props: { children: unknown } })({});
    expect(told.props.children).toBe("«kind.unknown»");
  }
  expect(heard.said).toEqual(["kind.unknown", "kind.unknown", "kind.unknown"]);
});

test.each(Object.keys(LANGUAGES) as Language[])("the sentence is there in %s", (language) => {
  const messages = JSON.parse(readFileSync(new URL(`../src/messages/${language}.json`, import.meta.url), "utf8"));

  expect(translator({ language, messages })("kind.unknown" as MessageName)).toBe(messages["kind.unknown"]);
  expect(messages["kind.unknown"]).toMatch(/\S{2,} \S{2,}/);
});

test("a question of another kind can be reviewed after the game", async () => {
  const question = {
    ...{ index: 0, prompt: "In which order?", kind: "order", choices: ["b", "a"], media: null },
    ...{ points: 1000, time_limit_ms: 20_000, key: [1, 0], explanation: null },
  };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ questions: [question] }), { status: 200 }));

  const questions = await revealedQuestions("s1", async () => "token");

  expect(reviewOf(questions, {})[0]).toMatchObject({ answer: "a, b", yours: "" });
});

// The pure parts: clock, ids, moments, messages, the word list.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createServerClock } from "@/lib/clock";
import type { Session } from "@/lib/documents";
import { uuid7 } from "@/lib/ids";
import { bestLanguage, type Language, translator } from "@/lib/messages";
import { awaitsHost, momentOf, ownRank, percentile, timeLeft } from "@/lib/moment";
import { asCsv, missedOf, reviewOf } from "@/lib/word-list";
import ar from "@/messages/ar.json";
import de from "@/messages/de.json";
import en from "@/messages/en.json";
import vi from "@/messages/vi.json";

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../tests/golden/${name}.json`, import.meta.url), "utf8"));

test("the offset is taken from the quickest answer", async () => {
  const waits = [400, 20, 900, 300, 500];
  let device = 1_000;
  const clock = createServerClock(
    async () => {
      const wait = waits.shift() ?? 0;
      device += wait;
      return device - wait / 2 + 5_000;
    },
    () => device,
  );
  await clock.sync();

  expect(clock.now()).toBe(device + 5_000);
});

test("a UUIDv7 holds the time, the version and the variant", () => {
  const id = uuid7(0x018f6b1e0000, new Uint8Array(16).fill(0xff));

  expect(id).toBe("018f6b1e-0000-7fff-bfff-ffffffffffff");
});

test("a question goes from lead to open to over to reveal by the server's clock", () => {
  const session: Session = golden("question").session;
  const [opened, closes] = [session.opened_at as number, session.closes_at as number];

  expect(momentOf(session, null, opened - 1)).toBe("lead");
  expect(momentOf(session, null, opened)).toBe("open");
  expect(momentOf(session, null, closes - 1)).toBe("open");
  expect(momentOf(session, null, closes)).toBe("over");
  expect(momentOf(golden("closed").session, null, closes)).toBe("reveal");
  expect(momentOf(golden("lobby").session, null, 0)).toBe("lobby");
  expect(momentOf(golden("final").session, null, 0)).toBe("finished");
});

test("a removed player sees the removal in every moment", () => {
  const removed = golden("final").players.p3;

  expect(momentOf(golden("question").session, removed, 0)).toBe("removed");
  expect(momentOf(undefined, null, 0)).toBe("loading");
  expect(momentOf(null, null, 0)).toBe("unknown");
});

test("a player waits for the host only with approval, until the own document is admitted", () => {
  const asks: Session = golden("lobby").session;
  asks.options = { ...asks.options, approval: true };
  const player = golden("final").players.p1;

  expect(awaitsHost(golden("lobby").session, null)).toBe(false);
  expect(awaitsHost(asks, undefined)).toBe(true);
  expect(awaitsHost(asks, { ...player, admitted: false })).toBe(true);
  expect(awaitsHost(asks, { ...player, admitted: true })).toBe(false);
});

test("the remaining time is between 0 and the limit", () => {
  const session: Session = golden("question").session;

  expect(timeLeft(session, 0)).toEqual({ share: 1, seconds: 20 });
  expect(timeLeft(session, (session.closes_at as number) - 1)).toMatchObject({ seconds: 1 });
  expect(timeLeft(session, (session.closes_at as number) + 9)).toEqual({ share: 0, seconds: 0 });
});

test.each(Object.entries({ vi, de, ar }))(
  "%s says everything that English says, with the same values",
  (tag, messages) => {
    expect(Object.keys(messages)).toEqual(Object.keys(en));
    for (const [name, text] of Object.entries(messages)) {
      const expected = valuesIn(en[name as keyof typeof en]);
      for (const form of typeof text === "string" ? [text] : Object.values(text)) {
        expect(expected, `${tag} ${name}`).toEqual(expect.arrayContaining(valuesIn(form)));
      }
    }
  },
);

const valuesIn = (text: unknown): string[] => JSON.stringify(text).match(/\{\w+\}/g) ?? [];

test.each([
  ["en", 1, "1 player"],
  ["en", 1_200, "1,200 players"],
  ["de", 2, "2 Personen dabei"],
  ["vi", 1, "1 người chơi"],
  ["ar", 2, "لاعبان"],
] satisfies [Language, number, string][])("%s counts %d players", (language, count, expected) => {
  const messages = { en, de, vi, ar }[language];

  expect(translator({ language, messages })("lobby.players", { count })).toBe(expected);
});

test("a message that a language lacks is shown in English", () => {
  expect(translator({ language: "de", messages: {} })("join.submit")).toBe("Join");
});

test("the language is the first preferred language that exists", () => {
  expect(bestLanguage(["fr-FR", "vi-VN", "en"])).toBe("vi");
  expect(bestLanguage(["fr"])).toBe("en");
});

test("the word list holds what was missed, and a cell never becomes a formula", () => {
  const questions = [
    {
      index: 0,
      prompt: 'the "opposite", of x',
      kind: "single",
      choices: ["=a", "b"],
      media: null,
      key: [0],
      explanation: null,
    },
    { index: 1, prompt: "known", kind: "text", choices: [], media: null, key: ["yes", "ja"], explanation: "why" },
  ] as const;
  const graded = { receipt: "r", at: 1, elapsed_ms: 1, points: 1 };
  const reviewed = reviewOf(questions as never, {
    "0": { ...graded, choices: [1], correct: false },
    "1": { ...graded, text: "ja", correct: true },
  });

  expect(reviewed[1]).toMatchObject({ answer: "yes, ja", yours: "ja" });
  expect(missedOf(reviewed)).toHaveLength(1);
  expect(asCsv(["q", "a", "y", "e"], missedOf(reviewed))).toBe('\uFEFFq,a,y,e\r\n"the ""opposite"", of x",\'=a,b,\r\n');
});

test("a player's rank comes from the board, and beyond its rows from the rank table", () => {
  const { board, players } = golden("closed");
  const ranks = { seq: 7, as_of: 0, player_count: 3, error: 0, scores: Uint8Array.of(100, 40, 60, 1) };
  const unlisted = { ...players.p1, score: 40 };

  expect(ownRank({ board, player: players.p2, ranks }, "p2")).toBe(2);
  expect(ownRank({ board, player: unlisted, ranks }, "p99")).toBe(41);
  expect(ownRank({ board, player: unlisted, ranks: null }, "p99")).toBeNull();
});

test("the first player is ahead of all others, the last of none", () => {
  expect([percentile(1, 200), percentile(101, 200), percentile(200, 200), percentile(1, 1)]).toEqual([100, 49, 0, 100]);
});

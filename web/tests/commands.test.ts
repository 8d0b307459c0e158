// What the host's screens send: which question a command means.
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { nextCommand, questionOf } from "@/features/host/use-commands";
import { sendCommand } from "@/lib/api";
import type { Session } from "@/lib/documents";

vi.mock("@/lib/attestation", () => ({ attestation: async () => ({}) }));

const session = (name: string): Session =>
  JSON.parse(readFileSync(new URL(`../../tests/golden/${name}.json`, import.meta.url), "utf8")).session;

afterEach(() => void vi.unstubAllGlobals());

test.each([
  ["lobby", "next", { question_index: 0 }],
  ["question", "close", { question_index: 0 }],
  ["closed", "next", { question_index: 1 }],
])("in the %s going on names the question that is meant", (name, command, meant) => {
  const shown = session(name);

  expect(nextCommand(shown, 0)).toBe(command);
  expect(questionOf(nextCommand(shown, 0) ?? "lock", shown)).toEqual(meant);
});

test("what is about no question names none", () => {
  for (const command of ["lock", "unlock", "finish"] as const) {
    expect(questionOf(command, session("question"))).toEqual({});
  }
  expect(questionOf("next", undefined)).toEqual({});
  expect(questionOf("close", session("lobby"))).toEqual({});
});

test("the name of the question is sent with the command and its key", async () => {
  const fetched = vi.fn(async () => new Response(JSON.stringify({ event_id: "k1", received_at: 1 }), { status: 202 }));
  vi.stubGlobal("fetch", fetched);
  await sendCommand("s1", "next", "k1", async () => "token", questionOf("next", session("closed")));

  const [, init] = fetched.mock.calls[0] as unknown as [string, { body: string; headers: Record<string, string> }];
  expect(JSON.parse(init.body)).toEqual({ command: "next", question_index: 1 });
  expect(init.headers["Idempotency-Key"]).toBe("k1");
});

// What the host's screens send: which question a command means.
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { isLegal, nextCommand, questionOf } from "@/features/host/use-commands";
import { type Command, sendCommand } from "@/lib/api";
import type { Session } from "@/lib/documents";

vi.mock("@/lib/attestation", () => ({ attestation: async () => ({}) }));

const session = (name: string): Session =>
  JSON.parse(readFileSync(new URL(`../../tests/golden/${name}.json`, import.meta.url), "utf8")).session;

interface Situation extends Pick<Session, "state" | "question_index" | "question_count" | "closes_at"> {
  now: number;
  commands: Record<Command, { refused?: string; question_index?: number }>;
}

const table: Situation[] = JSON.parse(
  readFileSync(new URL("../../tests/golden/commands/table.json", import.meta.url), "utf8"),
);
const commands: Command[] = ["next", "close", "finish", "lock", "unlock", "remove", "admit", "rename"];

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

test("a command without a question names none", () => {
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

test.each(table.map((row) => [`${row.state} ${row.question_index} at ${row.now} of ${row.closes_at}`, row] as const))(
  "what the screens hold legal is what the API takes: %s",
  (_, { now, commands: told, ...facts }) => {
    const shown: Session = { ...session("closed"), ...facts };
    for (const command of commands) {
      expect(isLegal(command, shown, now), command).toBe(told[command].refused === undefined);
      if (isLegal(command, shown, now)) {
        expect(questionOf(command, shown), command).toEqual(
          told[command].question_index === undefined ? {} : { question_index: told[command].question_index },
        );
      }
    }
    const on = nextCommand({ ...shown, reveal: shown.state === "question" ? null : shown.reveal }, now);
    if (on !== null) expect(told[on].refused).toBeUndefined();
  },
);

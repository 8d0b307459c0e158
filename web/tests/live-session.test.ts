import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import type { Heard } from "@/lib/backend";
import { type LiveSession, listenToSession } from "@/lib/live-session";

const { session, board, players } = JSON.parse(
  readFileSync(new URL("../../tests/golden/question.json", import.meta.url), "utf8"),
);

class FakeBackend {
  readonly heard = new Map<string, Heard>();
  readonly failed = new Map<string, (error: Error) => void>();

  listen(path: string, heard: Heard, failed: (error: Error) => void): () => void {
    this.heard.set(path, heard);
    this.failed.set(path, failed);
    return () => this.heard.delete(path);
  }

  say(path: string, data: unknown, fresh = true): void {
    this.heard.get(path)?.(data, fresh);
  }
}

class FakeConnection {
  up = true;
  private changed: () => void = () => undefined;

  online = () => this.up;
  onChange = (changed: () => void) => {
    this.changed = changed;
    return () => undefined;
  };

  set(up: boolean): void {
    this.up = up;
    this.changed();
  }
}

let backend: FakeBackend;
let connection: FakeConnection;
let live: LiveSession;
const state = () => live.store.getState();

beforeEach(() => {
  backend = new FakeBackend();
  connection = new FakeConnection();
  live = listenToSession(backend, "s1", "p1", connection);
});

test("the store shows the latest documents", () => {
  backend.say("sessions/s1", session);
  backend.say("sessions/s1/boards/top", board);
  backend.say("sessions/s1/players/p1", players.p1);

  expect(state()).toEqual({ session, board, player: players.p1, ranks: undefined, stale: false, failure: null });
});

test("a board with a lower seq than one that was shown is old", () => {
  backend.say("sessions/s1/boards/top", { ...board, seq: 9 });
  backend.say("sessions/s1/boards/top", { ...board, seq: 8, player_count: 1 });

  expect(state().board?.seq).toBe(9);
  expect(state().board?.player_count).toBe(board.player_count);
});

test("an empty unconfirmed cache does not mean a missing session", () => {
  backend.say("sessions/s1", null, false);
  expect(state().session).toBeUndefined();
  expect(state().stale).toBe(true);

  backend.say("sessions/s1", null, true);
  expect(state().session).toBeNull();
  expect(state().stale).toBe(false);
});

test("the store is stale while a document is unconfirmed", () => {
  backend.say("sessions/s1", session, false);
  backend.say("sessions/s1/boards/top", board);
  expect(state().stale).toBe(true);
  expect(state().session).toEqual(session);

  backend.say("sessions/s1", session);
  expect(state().stale).toBe(false);
});

test("the store is stale while the device is offline", () => {
  backend.say("sessions/s1", session);
  connection.set(false);
  expect(state().stale).toBe(true);

  connection.set(true);
  expect(state().stale).toBe(false);
});

test("an unreadable document is a failure with path and field, and the screen keeps its content", () => {
  backend.say("sessions/s1", session);
  backend.say("sessions/s1", { ...session, state: "unheard of" });

  expect(state().failure).toContain("sessions/s1");
  expect(state().failure).toContain("state");
  expect(state().session).toEqual(session);
});

test("a listener that ends is a failure", () => {
  backend.failed.get("sessions/s1/boards/top")?.(new Error("permission-denied"));

  expect(state().failure).toBe("permission-denied");
});

test("after stop the store gets no documents", () => {
  live.stop();

  expect(backend.heard.size).toBe(0);
});

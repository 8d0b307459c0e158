import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { join, post, Refused, submitAnswer, Unanswered } from "@/lib/api";

const proof = vi.hoisted(() => ({ headers: {} as Record<string, string> }));
vi.mock("@/lib/attestation", () => ({ attestation: async () => proof.headers }));

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const problem = (status: number, code: string) => answer(status, { status, code, detail: `because ${code}` });
const options = { key: "k1", forMs: 60_000, token: async () => "token" };
let fetched: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
  fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  ["the connection is lost", () => Promise.reject(new TypeError("failed to fetch"))],
  ["the bus does not answer", () => Promise.resolve(problem(503, "try_again"))],
  ["the line was too slow for the body", () => Promise.resolve(problem(408, "too_slow"))],
  ["there are too many requests", () => Promise.resolve(problem(429, "slow_down"))],
])("when %s the same request is sent again with the same key", async (_, failure) => {
  fetched.mockImplementationOnce(failure).mockResolvedValueOnce(answer(202, { receipt: "k1", received_at: 7 }));
  const retried = vi.fn();
  const sent = submitAnswer("s1", { question_index: 0, choices: [1] }, { ...options, onRetry: retried });
  await vi.runAllTimersAsync();

  expect(await sent).toEqual({ receipt: "k1", received_at: 7 });
  expect(retried).toHaveBeenCalledTimes(1);
  const [first, second] = fetched.mock.calls;
  expect(second?.[0]).toBe(first?.[0]);
  expect(second?.[1].body).toBe(first?.[1].body);
  expect(second?.[1].headers).toEqual(first?.[1].headers);
  expect(first?.[1].headers["Idempotency-Key"]).toBe("k1");
});

test("a refusal is not retried, and has its code", async () => {
  fetched.mockResolvedValue(problem(409, "not_open"));
  const sent = post({ path: "/x", body: {}, ...options });

  await expect(sent).rejects.toMatchObject({ code: "not_open", message: "because not_open" });
  await expect(sent).rejects.toBeInstanceOf(Refused);
  expect(fetched).toHaveBeenCalledTimes(1);
});

const lia = { pin: "123456", nickname: "Lia", avatar: "fox" };
const joined = { session_id: "s1", player_id: "guest", token: null };

test("a guest behind a crowded address joins with an account, by the same request", async () => {
  fetched.mockResolvedValueOnce(problem(429, "slow_down")).mockResolvedValueOnce(answer(201, joined));
  const account = vi.fn(async () => async () => "guest-token");
  const sent = join(lia, "k1", { account });
  await vi.runAllTimersAsync();

  expect(await sent).toEqual(joined);
  const [first, second] = fetched.mock.calls.map(([, init]) => init.headers);
  expect(first.Authorization).toBeUndefined();
  expect(second).toMatchObject({ Authorization: "Bearer guest-token", "Idempotency-Key": "k1" });
  expect(account).toHaveBeenCalledTimes(1);
});

test("without accounts for guests a join waits", async () => {
  fetched.mockResolvedValueOnce(problem(429, "slow_down")).mockResolvedValueOnce(answer(201, joined));
  const sent = join(lia, "k1", { account: () => Promise.reject(new Error("admin-restricted-operation")) });
  await vi.runAllTimersAsync();

  expect(await sent).toEqual(joined);
  expect(fetched.mock.calls[1]?.[1].headers.Authorization).toBeUndefined();
});

test("every request has the App Check token of the site", async () => {
  proof.headers = { "X-Firebase-AppCheck": "proof" };
  fetched.mockResolvedValue(answer(201, joined));
  await join(lia, "k1");
  proof.headers = {};

  expect(fetched.mock.calls[0]?.[1].headers).toMatchObject({ "X-Firebase-AppCheck": "proof", "Idempotency-Key": "k1" });
});

test("the retries end at the given time", async () => {
  fetched.mockRejectedValue(new TypeError("failed to fetch"));
  const sent = post({ path: "/x", body: {}, ...options, forMs: 3_000 });
  const ended = expect(sent).rejects.toBeInstanceOf(Unanswered);
  await vi.runAllTimersAsync();

  await ended;
  expect(fetched.mock.calls.length).toBeGreaterThan(1);
});

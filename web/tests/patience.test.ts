import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signInPatiently } from "@/lib/patience";

const refused = (code: string) => Object.assign(new Error(code), { code });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test.each([
  "auth/network-request-failed",
  "auth/too-many-requests",
  "auth/quota-exceeded",
  "auth/quota-exceeded-for-quota-metric-'custom-token-sign-ins'",
  "auth/resource-exhausted",
  "auth/internal-error",
  "auth/the-service-is-currently-unavailable.",
])("%s is tried again, and the screen is told", async (code) => {
  const signIn = vi
    .fn()
    .mockRejectedValueOnce(refused(code))
    .mockRejectedValueOnce(refused(code))
    .mockResolvedValue(null);
  const retried = vi.fn();
  const signedIn = signInPatiently(signIn, retried);
  await vi.runAllTimersAsync();

  await signedIn;
  expect(signIn).toHaveBeenCalledTimes(3);
  expect(retried).toHaveBeenCalledTimes(2);
});

test.each([
  refused("auth/invalid-custom-token"),
  refused("auth/user-disabled"),
  refused("auth/configuration-not-found"),
  new TypeError("not of the sign-in service"),
])("%s is not tried again", async (error) => {
  const signIn = vi.fn().mockRejectedValue(error);
  const retried = vi.fn();

  await expect(signInPatiently(signIn, retried)).rejects.toBe(error);
  expect(signIn).toHaveBeenCalledTimes(1);
  expect(retried).not.toHaveBeenCalled();
});

test("the retries end after three minutes with the last error", async () => {
  const signIn = vi.fn().mockRejectedValue(refused("auth/quota-exceeded"));
  const began = performance.now();
  const ended = expect(signInPatiently(signIn)).rejects.toMatchObject({ code: "auth/quota-exceeded" });
  await vi.runAllTimersAsync();

  await ended;
  expect(performance.now() - began).toBeLessThanOrEqual(180_000);
  // A crowd that waits must not become the load: pauses grow, to about one try in eight seconds.
  expect(signIn.mock.calls.length).toBeGreaterThan(10);
  expect(signIn.mock.calls.length).toBeLessThan(100);
});

test("two players who are refused at the same time retry at different times", async () => {
  const pauses: number[] = [];
  const wait = vi.spyOn(globalThis, "setTimeout");
  for (const luck of [0.2, 0.9]) {
    vi.spyOn(Math, "random").mockReturnValue(luck);
    const signIn = vi.fn().mockRejectedValueOnce(refused("auth/quota-exceeded")).mockResolvedValue(null);
    const signedIn = signInPatiently(signIn);
    await vi.runAllTimersAsync();
    await signedIn;
    pauses.push(Number(wait.mock.calls.at(-1)?.[1]));
  }

  expect(pauses[1]).toBeGreaterThan(pauses[0] ?? 0);
});

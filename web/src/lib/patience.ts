// Signing in with a token of the API: repeating it is safe, and a large lobby needs it. Google lets 45,000 players of a
// project sign in a minute, so the last of 100,000 are refused for some minutes.
import { backoff, connectionOrPause } from "@/lib/backoff";

const FOR_MS = 180_000;
const FIRST_MS = 500;
const MOST_MS = 15_000;
// The codes of firebase/auth. What it has no name for, it makes one of the server's words: `auth/quota-exceeded-for-…`.
const PASSING =
  /^auth\/(network-request-failed|timeout|too-many-requests|quota-exceeded|resource-exhausted|internal|backend-error|.*unavailable)/;

/** Raises what the last try raised: at once when another try would not change it, else after three minutes. */
export async function signInPatiently(signIn: () => Promise<void>, onRetry?: () => void): Promise<void> {
  const deadline = performance.now() + FOR_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await signIn();
    } catch (error) {
      const pause = backoff(attempt, FIRST_MS, MOST_MS);
      if (!passes(error) || performance.now() + pause > deadline) throw error;
      onRetry?.();
      await connectionOrPause(pause);
    }
  }
}

function passes(error: unknown): boolean {
  return error instanceof Error && "code" in error && PASSING.test(String(error.code));
}

// How long to wait between two tries of the same request.

/** Milliseconds before try `attempt + 2`: exponential, with full jitter, so that a crowd does not come back at once. */
export function backoff(attempt: number, firstMs: number, mostMs: number): number {
  return Math.random() * Math.min(mostMs, firstMs * 2 ** (attempt + 1));
}

/** Wait; but when the device says that it is connected again, there is no reason to wait longer. */
export function connectionOrPause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}

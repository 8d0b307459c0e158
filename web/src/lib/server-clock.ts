import { useEffect, useState } from "preact/hooks";
import { serverTime } from "@/lib/api";
import { createServerClock } from "@/lib/clock";

const TICK_MS = 200;

export const serverClock = createServerClock(serverTime, () => Date.now());

/**
 * Keep the offset while the component lives; a laptop that was closed asks again. False until the server has been asked
 * once: a device whose clock is an hour ahead would else show that the time is up. Without an answer the device's own
 * clock is better than nothing.
 */
export function useServerSync(): boolean {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    const sync = () => {
      if (document.visibilityState !== "visible") return;
      serverClock
        .sync()
        .catch(() => undefined)
        .then(() => setAsked(true));
    };
    sync();
    document.addEventListener("visibilitychange", sync);
    addEventListener("online", sync);
    return () => {
      document.removeEventListener("visibilitychange", sync);
      removeEventListener("online", sync);
    };
  }, []);
  return asked;
}

/** The server's time, renewed a few times a second and exactly at each of `moments`. */
export function useServerNow(...moments: (number | null | undefined)[]): number {
  const [now, setNow] = useState(serverClock.now);
  const next = Math.min(...moments.filter((moment): moment is number => typeof moment === "number" && moment > now));
  useEffect(() => {
    const tick = () => setNow(serverClock.now());
    const every = setInterval(tick, TICK_MS);
    // A timer may fire a little early; one more millisecond puts it past the moment.
    const exact = Number.isFinite(next) ? setTimeout(tick, next - serverClock.now() + 1) : undefined;
    return () => {
      clearInterval(every);
      clearTimeout(exact);
    };
  }, [next]);
  return now;
}

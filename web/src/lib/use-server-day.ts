import { useEffect, useState } from "preact/hooks";
import { serverClock } from "@/lib/server-clock";

const LOOK_MS = 30_000;

/** The server's time, renewed often enough for a page that stays open at midnight. */
export function useServerDay(): number {
  const [now, setNow] = useState(serverClock.now);
  useEffect(() => {
    const look = () => setNow(serverClock.now());
    serverClock
      .sync()
      .catch(() => undefined)
      .then(look);
    const every = setInterval(look, LOOK_MS);
    return () => clearInterval(every);
  }, []);
  return now;
}

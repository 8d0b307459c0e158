import { useEffect, useState } from "preact/hooks";
import { createStore } from "zustand/vanilla";
import type { Door } from "@/lib/door";
import { type Connection, type LiveState, listenToSession } from "@/lib/live-session";
import { useStore } from "@/lib/use-store";

const browserConnection: Connection = {
  online: () => navigator.onLine,
  onChange: (changed) => {
    addEventListener("online", changed);
    addEventListener("offline", changed);
    return () => {
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
    };
  },
};

const silence = createStore<LiveState>(() => ({
  session: undefined,
  board: undefined,
  player: undefined,
  ranks: undefined,
  stale: false,
  failure: null,
}));

/** Listen while the component lives. Without a door yet: silence. */
export function useLive(door: Door | null, sessionId: string, playerId: string | null): LiveState {
  const [store, setStore] = useState(silence);
  useEffect(() => {
    if (!door) return;
    const live = listenToSession(door, sessionId, playerId, browserConnection);
    setStore(live.store);
    return live.stop;
  }, [door, sessionId, playerId]);
  return useStore(store);
}

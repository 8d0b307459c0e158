import { useEffect, useState } from "preact/hooks";
import { createStore } from "zustand/vanilla";
import type { Backend } from "@/lib/backend";
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

/** Listen while the component lives. Without a backend yet: silence. */
export function useLive(backend: Backend | null, sessionId: string, playerId: string | null): LiveState {
  const [store, setStore] = useState(silence);
  useEffect(() => {
    if (!backend) return;
    const live = listenToSession(backend, sessionId, playerId, browserConnection);
    setStore(live.store);
    return live.stop;
  }, [backend, sessionId, playerId]);
  return useStore(store);
}

import { useSyncExternalStore } from "preact/compat";
import type { StoreApi } from "zustand/vanilla";

/** What a component shows of a store; it is drawn again when that changes. `show` gives the same value for the same state. */
export function useStore<State>(store: StoreApi<State>): State;
export function useStore<State, Shown>(store: StoreApi<State>, show: (state: State) => Shown): Shown;
export function useStore<State, Shown>(store: StoreApi<State>, show?: (state: State) => Shown) {
  return useSyncExternalStore(store.subscribe, () => (show ? show(store.getState()) : store.getState()));
}

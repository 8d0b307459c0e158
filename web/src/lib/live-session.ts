// The live store: what the server last said of a session. Framework-free; lib/use-live.ts binds it to the screens.
import * as v from "valibot";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Backend } from "@/lib/backend";
import {
  type Board,
  boardPath,
  boardShape,
  type Player,
  playerPath,
  playerShape,
  type Ranks,
  ranksPath,
  ranksShape,
  type Session,
  sessionPath,
  sessionShape,
} from "@/lib/documents";

export interface LiveState {
  /** Undefined until heard; null when there is no such document. */
  session: Session | null | undefined;
  board: Board | null | undefined;
  player: Player | null | undefined;
  ranks: Ranks | null | undefined;
  /** What is shown may be old: the server has not confirmed it, or the device is offline. */
  stale: boolean;
  /** Why nothing more will be heard. */
  failure: string | null;
}

export interface LiveSession {
  store: StoreApi<LiveState>;
  stop(): void;
}

/** Where the browser tells that the connection is gone or back. */
export interface Connection {
  online(): boolean;
  onChange(changed: () => void): () => void;
}

/** Listen to a session and its board, and when `playerId` is given to that player's sheet and everybody's ranks. */
export function listenToSession(
  backend: Pick<Backend, "listen">,
  sessionId: string,
  playerId: string | null,
  connection: Connection,
): LiveSession {
  const store = createStore<LiveState>(() => ({
    session: undefined,
    board: undefined,
    player: undefined,
    ranks: undefined,
    stale: false,
    failure: null,
  }));
  const fresh = new Map<string, boolean>();
  const judge = () => store.setState({ stale: !connection.online() || [...fresh.values()].includes(false) });
  const hear = <T extends v.GenericSchema>(path: string, shape: T, put: (found: v.InferOutput<T> | null) => void) =>
    backend.listen(
      path,
      (data, isFresh) => {
        // Nothing in the memory cache says nothing about the server.
        if (data !== null || isFresh) take(path, shape, data, put, store);
        fresh.set(path, isFresh);
        judge();
      },
      (error) => store.setState({ failure: error.message }),
    );
  const stops = [
    connection.onChange(judge),
    hear(sessionPath(sessionId), sessionShape, (session) => store.setState({ session })),
    hear(boardPath(sessionId), boardShape, (board) => store.setState((old) => ({ board: newer(old.board, board) }))),
  ];
  if (playerId !== null) {
    stops.push(
      hear(playerPath(sessionId, playerId), playerShape, (player) => store.setState({ player })),
      hear(ranksPath(sessionId), ranksShape, (ranks) => store.setState({ ranks })),
    );
  }
  return { store, stop: () => stops.forEach((stop) => void stop()) };
}

/** A board with a lower `seq` than one that was shown is old. */
function newer(old: Board | null | undefined, heard: Board | null): Board | null {
  return old && heard && heard.seq < old.seq ? old : heard;
}

function take<T extends v.GenericSchema>(
  path: string,
  shape: T,
  data: unknown,
  put: (found: v.InferOutput<T> | null) => void,
  store: StoreApi<LiveState>,
): void {
  if (data === null) {
    put(null);
    return;
  }
  const found = v.safeParse(shape, data);
  if (found.success) put(found.output);
  else store.setState({ failure: `${path}: ${v.summarize(found.issues)}` });
}

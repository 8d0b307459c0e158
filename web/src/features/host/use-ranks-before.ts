import { useEffect, useMemo } from "preact/hooks";
import type { Board, Session } from "@/lib/documents";

type Ranks = Record<string, number>;

/** The ranks that were shown when the running question began, so that the board can tell who rose. */
export function useRanksBefore(sessionId: string, session: Session, board: Board): ReadonlyMap<string, number> {
  const name = `wordrush.ranks.${sessionId}`;
  const asking = session.state === "question" && session.reveal === null;
  const index = session.question_index ?? -1;
  useEffect(() => {
    if (!asking) return;
    const kept = read(name);
    if (kept.index === index) return;
    const ranks: Ranks = Object.fromEntries(board.top.map((row) => [row.player_id, row.rank]));
    sessionStorage.setItem(name, JSON.stringify({ index, ranks }));
  }, [name, asking, index, board]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was stored changes with `asking` and `index`
  return useMemo(() => new Map(Object.entries(index > 0 ? read(name).ranks : {})), [name, asking, index]);
}

function read(name: string): { index: number; ranks: Ranks } {
  const text = sessionStorage.getItem(name);
  return text === null ? { index: -1, ranks: {} } : JSON.parse(text);
}

import { useEffect } from "preact/hooks";
import type { Board, Session } from "@/lib/documents";

// Long enough to see that everybody has answered, short enough not to wait.
const PAUSE_MS = 900;

/** Close when every player on the board has answered. Who left without answering is what the clock is for. */
export function useAutoClose(session: Session, board: Board, open: boolean, close: () => void): void {
  const answered = board.tally?.question_index === session.question_index ? board.tally.answered : 0;
  const all = open && board.player_count > 0 && answered >= board.player_count;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `close` is new at each render; once is enough
  useEffect(() => {
    if (!all) return;
    const timer = setTimeout(close, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [all, session.question_index]);
}

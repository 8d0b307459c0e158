import { useState } from "preact/hooks";
import { BoardRows } from "@/components/board-list";
import { standingsAround } from "@/lib/api";
import { playerBackend } from "@/lib/backend";
import type { Seat } from "@/lib/device";
import type { Standing } from "@/lib/documents";
import type { LiveState } from "@/lib/live-session";
import { refusalText } from "@/lib/refusal-text";
import { useBackend } from "@/lib/use-backend";
import { useTranslate } from "@/lib/use-speech";

/** For whom the list above does not reach: who stands just before and after them, when they ask. */
export function Neighbours({ seat, live, listed }: { seat: Seat; live: LiveState; listed: number }) {
  const t = useTranslate();
  const { backend } = useBackend(playerBackend(seat.session_id));
  const [rows, setRows] = useState<Standing[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const shown = live.board?.top.slice(0, listed).some((row) => row.player_id === seat.player_id);
  if (!backend || shown || live.player?.nickname == null) return null;

  const ask = async () => {
    setProblem(null);
    try {
      setRows(await standingsAround(seat.session_id, () => backend.idToken()));
    } catch (error) {
      setProblem(refusalText(error, t));
    }
  };
  return (
    <section className="card neighbours">
      {rows && <BoardRows rows={rows} me={seat.player_id} />}
      {problem && <p role="alert">{problem}</p>}
      <button type="button" className="button" onClick={() => void ask()}>
        {t("board.around")}
      </button>
    </section>
  );
}

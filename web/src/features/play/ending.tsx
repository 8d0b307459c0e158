import { Announcer } from "@/components/announcer";
import { BoardList } from "@/components/board-list";
import { Podium } from "@/components/podium";
import { Review } from "@/components/review";
import { playerBackend } from "@/lib/backend";
import type { Seat } from "@/lib/device";
import type { LiveState } from "@/lib/live-session";
import { ownRank } from "@/lib/moment";
import { useBackend } from "@/lib/use-backend";
import { useTranslate } from "@/lib/use-speech";
import { KeepCard } from "./keep-card";
import { Neighbours } from "./neighbours";
import { Place } from "./result";
import { ReturnCode } from "./return-code";

const ROWS = 10;

/** The podium waits until every answer is counted; then the review. */
export function Ending({ seat, live }: { seat: Seat; live: LiveState }) {
  const t = useTranslate();
  const { backend } = useBackend(playerBackend(seat.session_id));
  const { board, session } = live;
  if (!board?.final || !session) {
    return (
      <section className="card centre">
        <h1 role="status">{t("podium.counting")}</h1>
      </section>
    );
  }
  const rank = ownRank(live, seat.player_id);
  const ranked = session.options.scoring !== "none" && board.top.length > 0;
  const title = ranked && rank !== null ? t("podium.yours", { rank }) : t("podium.over");
  return (
    <section className="ending">
      <Announcer text={title} />
      <h1 className="centre">{title}</h1>
      {ranked && <Podium board={board} />}
      {ranked && <Place seat={seat} live={live} />}
      {ranked && (
        <section className="card">
          <h2>{t("board.title")}</h2>
          <BoardList board={board} most={ROWS} me={seat.player_id} />
        </section>
      )}
      {ranked && <Neighbours seat={seat} live={live} listed={ROWS} />}
      {ranked && live.player && <KeepCard seat={seat} />}
      <ReturnCode seat={seat} />
      {backend && (
        <Review backend={backend} sessionId={seat.session_id} session={session} player={live.player ?? null} />
      )}
    </section>
  );
}

import { useEffect, useState } from "preact/hooks";
import * as v from "valibot";
import type { Account } from "@/components/account/account-gate";
import { Review } from "@/components/review";
import { type Backend, backend as open, playerBackend } from "@/lib/backend";
import { device } from "@/lib/device";
import { type Player, playerPath, playerShape, type Session, sessionPath, sessionShape } from "@/lib/documents";
import { useTranslate } from "@/lib/use-speech";

interface Past {
  backend: Backend;
  session: Session;
  player: Player;
}

/** A game of the history: every question with the own answer, until the session expires. */
export function PastGame({ account, sessionId }: { account: Account; sessionId: string }) {
  const t = useTranslate();
  const [past, setPast] = useState<Past | "gone" | "failed" | null>(null);
  const { backend, uid } = account;
  useEffect(() => {
    find(backend, uid, sessionId).then(
      (found) => setPast(found ?? "gone"),
      () => setPast("failed"),
    );
  }, [backend, uid, sessionId]);
  return (
    <div className="me-screen">
      <p>
        <a href="/me">{t("me.back")}</a>
      </p>
      {(past === null || typeof past === "string") && <h1>{t("me.history")}</h1>}
      {past === null && <p className="quiet">{t("app.loading")}</p>}
      {past === "failed" && <p role="alert">{t("refused.unanswered")}</p>}
      {past === "gone" && <p className="card centre">{t("me.game.gone")}</p>}
      {past !== null && typeof past === "object" && (
        <>
          <h1 dir="auto" lang={past.session.language}>
            {past.session.title}
          </h1>
          <Review backend={past.backend} sessionId={sessionId} session={past.session} player={past.player} />
        </>
      )}
    </div>
  );
}

/** The game as the account played it, or as a guest on this device did. Null when neither can read it. */
async function find(account: Backend, uid: string, sessionId: string): Promise<Past | null> {
  const own = await sheetOf(account, sessionId, uid);
  if (own) return own;
  const seat = device.seats().find((each) => each.session_id === sessionId);
  if (!seat) return null;
  const guest = await open(playerBackend(sessionId));
  return guest.uid() === null ? null : sheetOf(guest, sessionId, seat.player_id);
}

async function sheetOf(backend: Backend, sessionId: string, playerId: string): Promise<Past | null> {
  const [session, player] = await Promise.all([
    backend.get(sessionPath(sessionId)),
    backend.get(playerPath(sessionId, playerId)),
  ]);
  const read = { session: v.safeParse(sessionShape, session), player: v.safeParse(playerShape, player) };
  if (!read.session.success || !read.player.success) return null;
  return { backend, session: read.session.output, player: read.player.output };
}

// Where a game stands for whoever looks at it, decided from its documents and the server's time.
import type { Player, Session } from "@/lib/documents";

export type Moment =
  | "loading"
  | "unknown"
  | "removed"
  | "lobby"
  /** The prompt is shown, the choices not yet. */
  | "lead"
  | "open"
  /** The time is up; the reveal comes when no more answer can count. */
  | "over"
  | "reveal"
  | "finished";

export function momentOf(session: Session | null | undefined, player: Player | null | undefined, now: number): Moment {
  if (session === undefined) return "loading";
  if (session === null) return "unknown";
  if (player?.removed) return "removed";
  if (session.state === "finished") return "finished";
  if (session.question === null || session.opened_at === null || session.closes_at === null) return "lobby";
  if (session.reveal !== null || session.state === "closed") return "reveal";
  if (now < session.opened_at) return "lead";
  return now < session.closes_at ? "open" : "over";
}

/** The share of the time that is left, 1 to 0, and the whole seconds, rounded up. */
export function timeLeft(session: Session, now: number): { share: number; seconds: number } {
  const { opened_at: from, closes_at: to, question } = session;
  if (from === null || to === null || question === null) return { share: 0, seconds: 0 };
  const left = Math.max(0, Math.min(to - now, question.time_limit_ms));
  return { share: left / question.time_limit_ms, seconds: Math.ceil(left / 1000) };
}

/** `null` while unknown: the board lists only the first. */
export function rankOf(top: readonly { player_id: string; rank: number }[], playerId: string): number | null {
  return top.find((row) => row.player_id === playerId)?.rank ?? null;
}

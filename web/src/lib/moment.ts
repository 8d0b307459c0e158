// Where a game stands for whoever looks at it, decided from its documents and the server's time.
import type { Player, Session } from "@/lib/documents";
import type { LiveState } from "@/lib/live-session";
import { rankIn } from "@/lib/ranks";

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

/** Whether the host has still to let this player in. */
export function awaitsHost(session: Session, player: Player | null | undefined): boolean {
  return session.options.approval && player?.admitted !== true;
}

/** Whether the moment cannot be told without the server's time. */
export function needsTime(session: Session): boolean {
  return session.state === "question" && session.reveal === null;
}

/** The share of the time that is left, 1 to 0, and the whole seconds, rounded up. */
export function timeLeft(session: Session, now: number): { share: number; seconds: number } {
  const { opened_at: from, closes_at: to, question } = session;
  if (from === null || to === null || question === null) return { share: 0, seconds: 0 };
  const left = Math.max(0, Math.min(to - now, question.time_limit_ms));
  return { share: left / question.time_limit_ms, seconds: Math.ceil(left / 1000) };
}

/** The own rank; `null` while unknown. The board lists only the first; the table of ranks knows everybody. */
export function ownRank(live: Pick<LiveState, "board" | "player" | "ranks">, playerId: string): number | null {
  const row = live.board?.top.find((each) => each.player_id === playerId);
  if (row) return row.rank;
  return live.ranks && live.player ? rankIn(live.ranks.scores, live.player.score) : null;
}

/** Of the others, how many percent have a lower rank; rounded down, so that nobody is flattered. */
export function percentile(rank: number, players: number): number {
  return players > 1 ? Math.floor(((players - rank) / (players - 1)) * 100) : 100;
}

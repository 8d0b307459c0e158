// A person's games, from the person's own documents: the last weeks in one, the older ones a document a month.
import type { Packed } from "@/lib/people-documents";

/** A game that counts. */
export interface PlayedGame {
  sessionId: string;
  /** When the session was ended. */
  at: number;
  title: string;
  points: number;
  rank: number;
  /** How many players the session had. */
  of: number;
}

type Counted = Record<string, Packed>;

/** Newest first. A game whose host has removed the player has no points, and is left out. */
export function gamesOf(...counted: readonly Counted[]): PlayedGame[] {
  const all = new Map(counted.flatMap((each) => Object.entries(each)));
  const games = [...all].flatMap(([sessionId, [, at, , title, points, rank, of]]) =>
    points === null ? [] : [{ sessionId, at, title, points, rank, of }],
  );
  return games.sort((one, other) => other.at - one.at || other.sessionId.localeCompare(one.sessionId));
}

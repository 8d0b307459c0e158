import type { Standing } from "@/lib/documents";
import { ownRow, type Total } from "@/lib/own-place";
import type { Leader, Person } from "@/lib/people-documents";

/** The person who reads a board, if there is a profile. */
export interface Looking {
  uid: string;
  person: Person;
}

/**
 * The rows of a board as a list shows them. `hidden` stands for the name of a person who is not listed; the reader sees
 * the own name. `total` is the reader's total on this board.
 */
export function leaderRows(
  rows: readonly Leader[],
  me: Looking | null,
  total: Total | null,
  hidden: string,
): Standing[] {
  const unnamed = new Map<string, number>();
  const own = me === null ? -1 : ownRow(rows, me.uid, total);
  return rows.map((row, index) => {
    const { rank, points: score } = row;
    if (me !== null && index === own) {
      return { rank, score, player_id: me.uid, nickname: me.person.nickname, avatar: me.person.avatar };
    }
    if (row.who !== "") return { rank, score, player_id: row.who, nickname: row.nickname, avatar: row.avatar };
    // Keys must be unique, also for two people with the same points at the same moment.
    const name = `${row.reached_at} ${score}`;
    const same = unnamed.get(name) ?? 0;
    unnamed.set(name, same + 1);
    return { rank, score, player_id: `${name} ${same}`, nickname: hidden, avatar: "" };
  });
}

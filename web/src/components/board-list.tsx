import { useRef } from "preact/hooks";
import { Avatar } from "@/components/avatar";
import type { Board, Standing } from "@/lib/documents";
import { useFlip } from "@/lib/use-flip";
import { usePaintMark } from "@/lib/use-paint-mark";
import { useNumber, useTranslate } from "@/lib/use-speech";

interface Props {
  board: Board;
  /** How many rows; the board holds as many as the host's settings say. */
  most: number;
  me?: string | null;
  /** Ranks before the question, to show who rose. */
  before?: ReadonlyMap<string, number>;
}

/** The live top of the board. Rows move to their places; a mark in the User Timing API says when each was painted. */
export function BoardList({ board, most, me = null, before }: Props) {
  const t = useTranslate();
  usePaintMark(board.seq);
  if (board.top.length === 0) return <p className="quiet">{t("board.empty")}</p>;
  return <BoardRows rows={board.top.slice(0, most)} me={me} seq={board.seq} {...(before && { before })} />;
}

interface RowsProps extends Pick<Props, "me" | "before"> {
  rows: readonly Standing[];
  seq?: number;
}

export function BoardRows({ rows, me = null, before, seq }: RowsProps) {
  const t = useTranslate();
  const number = useNumber();
  const list = useRef<HTMLOListElement>(null);
  useFlip(list);
  return (
    <ol className="board" ref={list} data-seq={seq}>
      {rows.map((row) => {
        const rose = (before?.get(row.player_id) ?? row.rank) - row.rank;
        return (
          <li key={row.player_id} data-key={row.player_id} data-me={row.player_id === me || undefined}>
            <span className="rank">{number(row.rank)}</span>
            <Avatar name={row.avatar} size={36} />
            <span className="name">
              <bdi>{row.nickname}</bdi> {row.player_id === me && <em>({t("board.you")})</em>}
            </span>
            {rose > 0 && (
              <span className="rose">
                <span aria-hidden="true">▲{number(rose)}</span>
                <span className="hidden">{t("board.rose", { count: rose })}</span>
              </span>
            )}
            <span className="points">{number(row.score)}</span>
          </li>
        );
      })}
    </ol>
  );
}

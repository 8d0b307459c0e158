import { useEffect, useState } from "preact/hooks";
import * as v from "valibot";
import type { Backend } from "@/lib/backend";
import { leafOf, rankOn } from "@/lib/own-place";
import { leafPath, leafShape, type PeriodBoard, periodPath, periodShape } from "@/lib/people-documents";

/** The rank of these points on `board`; reads one leaf when the board is large. */
export function useRank(
  backend: Backend | null,
  name: string,
  period: string,
  board: PeriodBoard | null | undefined,
  points: number | null,
): number | null {
  const [leaf, setLeaf] = useState<{ path: string; seq: number; scores: Uint8Array } | null>(null);
  const number = board && points !== null ? leafOf(board, points) : null;
  const path = number === null ? null : leafPath(name, period, number);
  const seq = board?.seq ?? 0;
  useEffect(() => {
    if (!backend || path === null) return;
    let gone = false;
    backend
      .get(path)
      .then((data) => {
        const found = v.safeParse(leafShape, data);
        if (!gone && found.success) setLeaf({ path, seq, scores: found.output.scores });
      })
      // Without the leaf the rank is the approximate one of the board.
      .catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [backend, path, seq]);
  if (!board || points === null) return null;
  return rankOn(board, points, leaf && leaf.path === path && leaf.seq === seq ? leaf.scores : null);
}

/** A board's period, read once and again when the points change. */
export function usePeriodOnce(
  backend: Backend,
  name: string,
  period: string,
  points: number | null,
): PeriodBoard | null | undefined {
  const [found, setFound] = useState<PeriodBoard | null | undefined>(undefined);
  useEffect(() => {
    if (points === null) return;
    let gone = false;
    backend.get(periodPath(name, period)).then(
      (data) => {
        const read = v.safeParse(periodShape, data);
        if (!gone) setFound(read.success ? read.output : null);
      },
      () => !gone && setFound(null),
    );
    return () => {
      gone = true;
    };
  }, [backend, name, period, points]);
  return found;
}

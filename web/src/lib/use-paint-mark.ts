import { useEffect } from "preact/hooks";

/** A mark in the User Timing API when a board was painted: what `make test` and an operator's profiler measure by. */
export function usePaintMark(seq: number): void {
  useEffect(() => {
    // After the frame that shows it: a callback in the frame, then the next task.
    const frame = requestAnimationFrame(() => setTimeout(() => performance.mark("board-painted", { detail: seq })));
    return () => cancelAnimationFrame(frame);
  }, [seq]);
}

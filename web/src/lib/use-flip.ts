import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const MOVE_MS = 450;

/**
 * Rows slide from where they were to where they are (FLIP: first, last, invert, play). Children need `data-key`.
 * Whoever prefers reduced motion sees them there at once.
 */
export function useFlip(list: RefObject<HTMLElement | null>): void {
  const before = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const places = new Map<string, number>();
    for (const row of rows) {
      const key = row.dataset["key"] ?? "";
      places.set(key, row.offsetTop);
      const moved = (before.current.get(key) ?? row.offsetTop) - row.offsetTop;
      if (moved !== 0 && !still) {
        row.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], {
          duration: MOVE_MS,
          easing: "cubic-bezier(.2,.8,.2,1)",
        });
      }
    }
    before.current = places;
  });
}

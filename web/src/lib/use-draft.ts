import { useCallback, useState } from "preact/hooks";
import type * as v from "valibot";
import { tab } from "@/lib/device";

/** A state that a reload of this tab does not lose, under a name of its own. It changes by what it was before. */
export function useDraft<T>(
  name: string,
  shape: v.GenericSchema<T>,
  initial: () => T,
): [T, (change: (before: T) => T) => void] {
  const [value, setValue] = useState<T>(() => tab.recall(name, shape) ?? initial());
  const change = useCallback(
    (next: (before: T) => T) =>
      setValue((before) => {
        const after = next(before);
        tab.set(name, JSON.stringify(after));
        return after;
      }),
    [name],
  );
  return [value, change];
}

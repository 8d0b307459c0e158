import { useEffect, useState } from "preact/hooks";
import * as v from "valibot";
import type { Backend } from "@/lib/backend";

export type Identified<T> = T & { id: string };

/** Listen to a collection while the component lives; undefined until the first snapshot. Skips unreadable documents. */
export function useCollection<T extends object>(
  backend: Backend | null,
  path: string | null,
  shape: v.GenericSchema<unknown, T>,
  most: number,
): Identified<T>[] | undefined {
  const [heard, setHeard] = useState<{ path: string; rows: Identified<T>[] } | null>(null);
  useEffect(() => {
    if (!backend || path === null) return;
    return backend.watch(
      path,
      [],
      most,
      (found) => {
        const rows = found.flatMap(({ id, data }) => {
          const read = v.safeParse(shape, data);
          return read.success ? [{ ...read.output, id }] : [];
        });
        setHeard({ path, rows });
      },
      () => setHeard({ path, rows: [] }),
    );
  }, [backend, path, shape, most]);
  return heard?.path === path ? heard?.rows : undefined;
}

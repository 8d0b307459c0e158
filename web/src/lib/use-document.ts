import { useEffect, useState } from "preact/hooks";
import * as v from "valibot";
import type { Backend } from "@/lib/backend";

export interface DocumentState<T> {
  /** Undefined until the server has been heard; null when there is no such document. */
  value: T | null | undefined;
  /** Why nothing more will be heard. */
  failure: string | null;
}

/** Listen to one document while the component lives. Without a backend or a path: silence. */
export function useDocument<T>(
  backend: Backend | null,
  path: string | null,
  shape: v.GenericSchema<unknown, T>,
): DocumentState<T> {
  const [heard, setHeard] = useState<(DocumentState<T> & { path: string }) | null>(null);
  useEffect(() => {
    if (!backend || path === null) return;
    return backend.listen(
      path,
      (data, fresh) => {
        // A document that is missing in the memory cache may exist on the server.
        if (data === null && !fresh) return;
        const found = data === null ? null : v.safeParse(shape, data);
        if (found === null) setHeard({ path, value: null, failure: null });
        else if (found.success) setHeard({ path, value: found.output, failure: null });
        else setHeard({ path, value: undefined, failure: `${path}: ${v.summarize(found.issues)}` });
      },
      (error) => setHeard({ path, value: undefined, failure: error.message }),
    );
  }, [backend, path, shape]);
  return heard && heard.path === path ? heard : { value: undefined, failure: null };
}

import { useEffect, useState } from "preact/hooks";
import { type Backend, backend } from "@/lib/backend";

/** Null while Firebase is loading; `failed` when it could not be loaded. */
export function useBackend(name: string): { backend: Backend | null; failed: boolean } {
  const [found, setFound] = useState<{ name: string; backend: Backend | null; failed: boolean } | null>(null);
  useEffect(() => {
    let gone = false;
    backend(name).then(
      (opened) => !gone && setFound({ name, backend: opened, failed: false }),
      () => !gone && setFound({ name, backend: null, failed: true }),
    );
    return () => {
      gone = true;
    };
  }, [name]);
  return found?.name === name ? found : { backend: null, failed: false };
}

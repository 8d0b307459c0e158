import { useEffect, useState } from "preact/hooks";
import { type Door, door } from "@/lib/door";

/** Null while Firebase is loading; `failed` when it could not be loaded. */
export function useDoor(name: string): { door: Door | null; failed: boolean } {
  const [found, setFound] = useState<{ name: string; door: Door | null; failed: boolean } | null>(null);
  useEffect(() => {
    let gone = false;
    door(name).then(
      (opened) => !gone && setFound({ name, door: opened, failed: false }),
      () => !gone && setFound({ name, door: null, failed: true }),
    );
    return () => {
      gone = true;
    };
  }, [name]);
  return found?.name === name ? found : { door: null, failed: false };
}

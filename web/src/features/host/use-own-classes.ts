import { useEffect, useState } from "preact/hooks";
import type { Backend } from "@/lib/backend";
import { type OwnClass, ownClasses } from "@/lib/people-api";

/** The host's classes; null until the server has answered. */
export function useOwnClasses(backend: Backend): { classes: OwnClass[] | null; fault: unknown } {
  const [classes, setClasses] = useState<OwnClass[] | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => void ownClasses(() => backend.idToken()).then(setClasses, setFault), [backend]);
  return { classes, fault };
}

import { useEffect, useState } from "preact/hooks";
import { ACCOUNT_BACKEND, type Backend, backend, GUEST_BACKEND } from "@/lib/backend";

interface Reader {
  backend: Backend | null;
  /** The account's; null for a guest. */
  uid: string | null;
  failed: boolean;
}

/** The backend that reads boards: the account of this device, or a guest. */
export function useReader(): Reader {
  const [reader, setReader] = useState<Reader>({ backend: null, uid: null, failed: false });
  useEffect(() => {
    let gone = false;
    open().then(
      (found) => !gone && setReader({ ...found, failed: false }),
      () => !gone && setReader({ backend: null, uid: null, failed: true }),
    );
    return () => {
      gone = true;
    };
  }, []);
  return reader;
}

async function open(): Promise<Pick<Reader, "backend" | "uid">> {
  const account = await backend(ACCOUNT_BACKEND);
  if (account.uid() !== null) return { backend: account, uid: account.uid() };
  const guest = await backend(GUEST_BACKEND);
  if (guest.uid() === null) await guest.signInAnonymously();
  return { backend: guest, uid: null };
}

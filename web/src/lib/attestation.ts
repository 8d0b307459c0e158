// What a request bears to prove that it comes from this page, where the site asks for it (App Check; docs/operations.md).
import { chunk } from "@/lib/chunk";
import { loadConfig } from "@/lib/config";

type Headers = () => Promise<Record<string, string>>;
let known: Promise<Headers> | undefined;

/** Empty where the site has no key for it. */
export async function attestation(): Promise<Record<string, string>> {
  known ??= prepare();
  known.catch(() => {
    known = undefined;
  });
  return (await known)();
}

async function prepare(): Promise<Headers> {
  const { firebase, recaptchaKey } = await loadConfig();
  if (!recaptchaKey) return async () => ({});
  const [{ initializeApp }, { attest }] = await Promise.all([
    chunk(() => import("firebase/app")),
    chunk(() => import("@/lib/app-check")),
  ]);
  const token = attest(initializeApp(firebase, "attestation"), recaptchaKey);
  return async () => ({ "X-Firebase-AppCheck": await token() });
}

// App Check by reCAPTCHA Enterprise. Loaded only where the site's config.json names a key.
import type { FirebaseApp } from "firebase/app";
import { getToken, initializeAppCheck, ReCaptchaEnterpriseProvider } from "firebase/app-check";

/** From here on everything that this app asks of Firebase bears a proof; gives the proof for other servers. */
export function attest(app: FirebaseApp, recaptchaKey: string): () => Promise<string> {
  const provider = new ReCaptchaEnterpriseProvider(recaptchaKey);
  const appCheck = initializeAppCheck(app, { provider, isTokenAutoRefreshEnabled: true });
  return async () => (await getToken(appCheck)).token;
}

// Which Firebase project this page belongs to. Hosting itself tells (/__/firebase/init.json); config.json tells
// where the emulators are, and on a real site which domain signs hosts in and whether App Check is used.
import * as v from "valibot";

const firebaseShape = v.object({
  apiKey: v.string(),
  projectId: v.string(),
  authDomain: v.optional(v.string(), ""),
  appId: v.optional(v.string(), ""),
});
const siteShape = v.object({
  emulators: v.optional(v.object({ auth: v.string(), firestore: v.string() })),
  auth_domain: v.optional(v.string()),
  app_check: v.optional(v.object({ recaptcha_key: v.string() })),
});

export interface Config {
  firebase: v.InferOutput<typeof firebaseShape>;
  /** `host:port` each, or undefined against the real services. */
  emulators: { auth: string; firestore: string } | undefined;
  /** Of App Check; undefined where it is not used. */
  recaptchaKey: string | undefined;
}

let known: Promise<Config> | undefined;

/** Asked once. Raises one Error that names everything that is wrong with the site's configuration. */
export function loadConfig(): Promise<Config> {
  known ??= fetchConfig();
  known.catch(() => {
    known = undefined;
  });
  return known;
}

async function fetchConfig(): Promise<Config> {
  const [firebase, site] = await Promise.all([read("/__/firebase/init.json"), read("/config.json")]);
  const faults: string[] = [];
  const parsed = {
    firebase: v.safeParse(firebaseShape, firebase),
    site: v.safeParse(siteShape, site),
  };
  if (!parsed.firebase.success) faults.push(`/__/firebase/init.json: ${v.summarize(parsed.firebase.issues)}`);
  if (!parsed.site.success) faults.push(`/config.json: ${v.summarize(parsed.site.issues)}`);
  if (!parsed.firebase.success || !parsed.site.success) throw new Error(faults.join("\n"));
  const { emulators, auth_domain, app_check } = parsed.site.output;
  const found = parsed.firebase.output;
  // The headers of the site allow the frames of one authDomain, and config.json was written with them.
  const authDomain = auth_domain ?? found.authDomain;
  return { firebase: { ...found, authDomain }, emulators, recaptchaKey: app_check?.recaptcha_key };
}

async function read(path: string): Promise<unknown> {
  const response = await fetch(path);
  return response.ok ? response.json().catch(() => null) : null;
}

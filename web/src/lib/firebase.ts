// The one module that imports Firebase: signing in and listening. Loaded after joining, never before (lib/backend.ts).
import { deleteApp, type FirebaseApp, initializeApp } from "firebase/app";
import {
  type Auth,
  browserLocalPersistence,
  browserPopupRedirectResolver,
  connectAuthEmulator,
  GoogleAuthProvider,
  indexedDBLocalPersistence,
  initializeAuth,
  isSignInWithEmailLink,
  sendSignInLinkToEmail,
  signInAnonymously,
  signInWithCustomToken,
  signInWithEmailLink,
  signInWithPopup,
  updateCurrentUser,
} from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  type Firestore,
  getDocs,
  initializeFirestore,
  limit,
  memoryLocalCache,
  onSnapshot,
  type Query,
  type QuerySnapshot,
  query,
  where,
} from "firebase/firestore";
import type { Backend, Found, Heard, Where } from "@/lib/backend";
import { chunk } from "@/lib/chunk";
import { type Config, loadConfig } from "@/lib/config";
import { signInPatiently } from "@/lib/patience";

const auths = new WeakMap<Backend, Auth>();

/**
 * A connection under its own name. Names keep identities apart: a host who also plays in the same browser stays the
 * host in one tab and the player in the other, and two sessions in two tabs are two players.
 */
export async function connect(name: string): Promise<Backend> {
  const config = await loadConfig();
  const app = initializeApp(config.firebase, name);
  if (config.recaptchaKey) (await chunk(() => import("@/lib/app-check"))).attest(app, config.recaptchaKey);
  const auth = openAuth(app, config);
  const store = openStore(app, config);
  await auth.authStateReady();
  const backend: Backend = {
    demo: config.emulators !== undefined,
    uid: () => auth.currentUser?.uid ?? null,
    email: () => auth.currentUser?.email ?? null,
    idToken: () => idToken(auth),
    role: (fresh) => roleOf(auth, fresh),
    signIn: (token, onRetry) => signInPatiently(async () => void (await signInWithCustomToken(auth, token)), onRetry),
    signInAnonymously: async () => void (await signInAnonymously(auth)),
    signInAs: (other) => updateCurrentUser(auth, auths.get(other)?.currentUser ?? null),
    signInAsDemoHost: async () => void (await signInWithCustomToken(auth, demoHostToken(config.firebase.projectId))),
    signInWithGoogle: async () =>
      void (await signInWithPopup(auth, new GoogleAuthProvider(), browserPopupRedirectResolver)),
    sendLink: (email, url) => sendSignInLinkToEmail(auth, email, { url, handleCodeInApp: true }),
    isLink: (url) => isSignInWithEmailLink(auth, url),
    signInWithLink: async (email, url) => void (await signInWithEmailLink(auth, email, url)),
    signOut: () => auth.signOut(),
    listen: (path, heard, failed) => listen(store, path, heard, failed),
    watch: (path, filters, most, heard) =>
      onSnapshot(asked(store, path, filters, most), (snapshot) => heard(foundIn(snapshot))),
    find: async (path, filters, most) => foundIn(await getDocs(asked(store, path, filters, most))),
    close: () => deleteApp(app),
  };
  auths.set(backend, auth);
  return backend;
}

function openAuth(app: FirebaseApp, config: Config): Auth {
  const auth = initializeAuth(app, { persistence: [indexedDBLocalPersistence, browserLocalPersistence] });
  if (config.emulators) connectAuthEmulator(auth, `http://${config.emulators.auth}`, { disableWarnings: true });
  return auth;
}

function openStore(app: FirebaseApp, config: Config): Firestore {
  // No persistence: an old leaderboard from yesterday's disk is worse than none.
  const store = initializeFirestore(app, { localCache: memoryLocalCache(), experimentalAutoDetectLongPolling: true });
  const [host, port] = config.emulators?.firestore.split(":") ?? [];
  if (host && port) connectFirestoreEmulator(store, host, Number(port));
  return store;
}

async function idToken(auth: Auth): Promise<string> {
  if (auth.currentUser === null) throw new Error("nobody is signed in");
  return auth.currentUser.getIdToken();
}

async function roleOf(auth: Auth, fresh: boolean): Promise<string | null> {
  if (auth.currentUser === null) return null;
  const { role, email, email_verified: proven } = (await auth.currentUser.getIdTokenResult(fresh)).claims;
  // The API holds a role until the address is proven; so do the screens.
  return typeof role === "string" && (email === undefined || proven === true) ? role : null;
}

/** Against the Auth emulator, which takes unsigned tokens and nothing else does. */
function demoHostToken(projectId: string): string {
  const now = Math.floor(Date.now() / 1000);
  const account = `wordrush@${projectId}.iam.gserviceaccount.com`;
  const aud = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit";
  const payload = {
    uid: "demo-host",
    claims: { role: "host" },
    iss: account,
    sub: account,
    aud,
    iat: now,
    exp: now + 3600,
  };
  return `${base64url({ alg: "none", typ: "JWT" })}.${base64url(payload)}.`;
}

function base64url(value: object): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function listen(store: Firestore, path: string, heard: Heard, failed: (error: Error) => void): () => void {
  return onSnapshot(
    doc(store, path),
    { includeMetadataChanges: true },
    (snapshot) => heard(snapshot.exists() ? snapshot.data() : null, !snapshot.metadata.fromCache),
    failed,
  );
}

function asked(store: Firestore, path: string, filters: Where[], most: number): Query {
  const parts = filters.map(([field, value]) => where(field, "==", value));
  return query(collection(store, path), ...parts, limit(most));
}

function foundIn(snapshot: QuerySnapshot): Found[] {
  return snapshot.docs.map((each) => ({ id: each.id, data: each.data() }));
}

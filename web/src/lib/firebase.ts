// Firebase: signing in (lib/accounts.ts) and listening. Loaded after joining, never before (lib/backend.ts).
import { deleteApp, type FirebaseApp, initializeApp } from "firebase/app";
import {
  type Auth,
  browserLocalPersistence,
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
  updateCurrentUser,
} from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  type Firestore,
  getDoc,
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
import { accountsOf } from "@/lib/accounts";
import type { Backend, Found, Heard, Where } from "@/lib/backend";
import { chunk } from "@/lib/chunk";
import { type Config, loadConfig } from "@/lib/config";

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
    ...accountsOf(auth, config.firebase.projectId),
    signInAs: (other) => updateCurrentUser(auth, auths.get(other)?.currentUser ?? null),
    listen: (path, heard, failed) => listen(store, path, heard, failed),
    watch: (path, filters, most, heard, failed) =>
      onSnapshot(asked(store, path, filters, most), (snapshot) => heard(foundIn(snapshot)), failed),
    get: async (path) => (await getDoc(doc(store, path))).data() ?? null,
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

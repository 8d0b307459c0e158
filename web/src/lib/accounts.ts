// Signing in, by Firebase Auth. A part of lib/firebase.ts, which loads it.
import {
  type Auth,
  browserPopupRedirectResolver,
  createUserWithEmailAndPassword,
  GoogleAuthProvider,
  isSignInWithEmailLink,
  sendEmailVerification,
  sendPasswordResetEmail,
  sendSignInLinkToEmail,
  signInAnonymously,
  signInWithCustomToken,
  signInWithEmailAndPassword,
  signInWithEmailLink,
  signInWithPopup,
} from "firebase/auth";
import type { Accounts } from "@/lib/backend";
import { signInPatiently } from "@/lib/patience";

/** `projectId`: whose emulator takes the demo host's token. */
export function accountsOf(auth: Auth, projectId: string): Accounts {
  return {
    uid: () => auth.currentUser?.uid ?? null,
    email: () => auth.currentUser?.email ?? null,
    proven: () => auth.currentUser?.email === null || auth.currentUser?.emailVerified === true,
    idToken: () => idToken(auth),
    role: (fresh) => roleOf(auth, fresh),
    signIn: (token, onRetry) => signInPatiently(async () => void (await signInWithCustomToken(auth, token)), onRetry),
    signInAnonymously: async () => void (await signInAnonymously(auth)),
    signInAsDemoHost: async () => void (await signInWithCustomToken(auth, demoHostToken(projectId))),
    signInWithGoogle: async () =>
      void (await signInWithPopup(auth, new GoogleAuthProvider(), browserPopupRedirectResolver)),
    sendLink: (email, url) => sendSignInLinkToEmail(auth, email, { url, handleCodeInApp: true }),
    isLink: (url) => isSignInWithEmailLink(auth, url),
    signInWithLink: async (email, url) => void (await signInWithEmailLink(auth, email, url)),
    signInWithPassword: async (email, password) => void (await signInWithEmailAndPassword(auth, email, password)),
    signUp: async (email, password) => void (await createUserWithEmailAndPassword(auth, email, password)),
    sendProof: async (url) => {
      if (auth.currentUser) await sendEmailVerification(auth.currentUser, { url });
    },
    askAgain: async () => {
      await auth.currentUser?.reload();
      // The current token still contains the old claim.
      if (auth.currentUser?.emailVerified) await auth.currentUser.getIdToken(true);
    },
    sendReset: (email, url) => sendPasswordResetEmail(auth, email, { url }).catch(unlessUnknown),
    signOut: () => auth.signOut(),
  };
}

/** Without email enumeration protection Firebase reveals which accounts exist; the screens do not. */
function unlessUnknown(error: { code?: string }): void {
  if (error.code !== "auth/user-not-found") throw error;
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

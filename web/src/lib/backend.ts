// What the screens need of Firebase, and the lazy way to it: the SDK is four fifths of the page, and the join form
// needs none of it.

import { attestation } from "@/lib/attestation";
import { chunk } from "@/lib/chunk";

/** `data` is null when there is no such document; `fresh` is false when the server has not confirmed it. */
export type Heard = (data: unknown, fresh: boolean) => void;
export type Where = [field: string, value: string | boolean];

export interface Found {
  id: string;
  data: unknown;
}

export interface Accounts {
  uid(): string | null;
  email(): string | null;
  /** True when the account's address is proven, or the account has none. */
  proven(): boolean;
  idToken(): Promise<string>;
  /** The role claim; `fresh` asks the server instead of the token at hand. */
  role(fresh: boolean): Promise<string | null>;
  /** Tried again, for minutes, while the sign-in service is busy or cannot be reached; `onRetry` is told each time. */
  signIn(customToken: string, onRetry?: () => void): Promise<void>;
  signInAnonymously(): Promise<void>;
  signInAsDemoHost(): Promise<void>;
  signInWithGoogle(): Promise<void>;
  sendLink(email: string, url: string): Promise<void>;
  isLink(url: string): boolean;
  signInWithLink(email: string, url: string): Promise<void>;
  signInWithPassword(email: string, password: string): Promise<void>;
  /** A new account, whose address is not proven yet. */
  signUp(email: string, password: string): Promise<void>;
  /** A mail with a link that proves the address, and then leads to `url`. */
  sendProof(url: string): Promise<void>;
  /** Ask the server whether the address is proven by now. */
  askAgain(): Promise<void>;
  /** A mail whose link replaces a forgotten password. */
  sendReset(email: string, url: string): Promise<void>;
  signOut(): Promise<void>;
}

export interface Backend extends Accounts {
  /** True on the emulators. */
  demo: boolean;
  /** Sign in with the account of another backend. */
  signInAs(other: Backend): Promise<void>;
  listen(path: string, heard: Heard, failed: (error: Error) => void): () => void;
  /** Calls again with all that is found whenever it changes. */
  watch(
    path: string,
    filters: Where[],
    most: number,
    heard: (found: Found[]) => void,
    failed?: (error: Error) => void,
  ): () => void;
  /** Null when there is no such document. */
  get(path: string): Promise<unknown>;
  find(path: string, filters: Where[], most: number): Promise<Found[]>;
  close(): Promise<void>;
}

const open = new Map<string, Promise<Backend>>();

/** The backend of this name, opened once. A failed opening can be tried again. */
export function backend(name: string): Promise<Backend> {
  const known = open.get(name);
  if (known) return known;
  const made = chunk(() => import("@/lib/firebase")).then((firebase) => firebase.connect(name));
  open.set(name, made);
  made.catch(() => open.delete(name));
  return made;
}

/** Fetch the SDK while somebody types a name. Not by `chunk`: nobody waits for it, so nothing is worth a reload. */
export function warmUp(): void {
  import("@/lib/firebase").catch(() => undefined);
  attestation().catch(() => undefined);
}

/** The account of this device, of a learner or a host. */
export const ACCOUNT_BACKEND = "account";
export const GUEST_BACKEND = "guest";
export const playerBackend = (sessionId: string) => `player-${sessionId}`;

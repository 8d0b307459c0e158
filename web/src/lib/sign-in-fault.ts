import type { MessageName, Translate } from "@/lib/messages";

// Messages for Firebase's codes, without "auth/".
const FAULTS: Record<string, MessageName> = {
  "invalid-credential": "account.fault.wrong",
  "wrong-password": "account.fault.wrong",
  "user-not-found": "account.fault.wrong",
  "invalid-login-credentials": "account.fault.wrong",
  "email-already-in-use": "account.fault.taken",
  "weak-password": "account.fault.weak",
  "password-does-not-meet-requirements": "account.fault.weak",
  "invalid-email": "account.fault.email",
  "invalid-action-code": "account.fault.link",
  "expired-action-code": "account.fault.link",
  "too-many-requests": "refused.slow_down",
  "network-request-failed": "refused.unanswered",
  "user-disabled": "account.fault.disabled",
  "popup-closed-by-user": "account.fault.popup",
  "popup-blocked": "account.fault.popup",
  "cancelled-popup-request": "account.fault.popup",
};

/** The message for an error of signing in. */
export function signInFault(error: unknown, t: Translate): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const known = typeof code === "string" ? FAULTS[code.replace(/^auth\//, "")] : undefined;
  return known ? t(known) : t("account.fault", { detail: String(message ?? error) });
}

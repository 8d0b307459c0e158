import { Refused } from "@/lib/api";
import type { MessageName, Translate } from "@/lib/messages";
import en from "@/messages/en.json";

/** What to tell people about an error of a call, and what to do. */
export function refusalText(error: unknown, t: Translate): string {
  if (!(error instanceof Refused)) return t("refused.unanswered");
  const name = `refused.${error.code}`;
  return name in en ? t(name as MessageName) : t("refused.other", { detail: error.message });
}

import { useTranslate } from "@/lib/use-speech";
import type { Kind } from "./kind";

/** In place of a kind that came with a later server. The game goes on around it. */
function Unknown() {
  const t = useTranslate();
  return <p className="card centre">{t("kind.unknown")}</p>;
}

export const unknown: Kind = { Answering: Unknown, Offered: Unknown, Solved: Unknown };

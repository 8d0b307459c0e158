import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { chunk } from "@/lib/chunk";
import type { Seat } from "@/lib/device";
import { rememberedPerson } from "@/lib/remembered-person";
import { useTranslate } from "@/lib/use-speech";

// Loaded on request: most guests do not sign in.
const KeepScore = lazy(() => chunk(() => import("./keep-score")));

/** The end of a game: a guest can keep the score; for an account it is kept already. */
export function KeepCard({ seat }: { seat: Seat }) {
  const t = useTranslate();
  // A link in a mail leads back to this page.
  const [open, setOpen] = useState(() => seat.kept === true || new URLSearchParams(location.search).has("oobCode"));
  if (seat.player_id === rememberedPerson()?.uid) {
    return (
      <p className="centre">
        {t("keep.own")} <a href="/me">{t("me.title")}</a>
      </p>
    );
  }
  if (open) {
    return (
      <Suspense fallback={<p className="quiet">{t("app.loading")}</p>}>
        <KeepScore seat={seat} />
      </Suspense>
    );
  }
  return (
    <section className="card centre">
      <h2>{t("keep.title")}</h2>
      <p className="quiet">{t("keep.why")}</p>
      <button type="button" className="primary" onClick={() => setOpen(true)}>
        {t("keep.title")}
      </button>
    </section>
  );
}

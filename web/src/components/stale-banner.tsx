import { useEffect, useState } from "preact/hooks";
import type { LiveState } from "@/lib/live-session";
import { useTranslate } from "@/lib/use-speech";

// The first moments of a page are always unconfirmed; a banner that flashes then teaches people to ignore it.
const PATIENCE_MS = 700;

/** Says when what is shown may be old. */
export function StaleBanner({ live }: { live: LiveState }) {
  const t = useTranslate();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!live.stale) return setShown(false);
    const timer = setTimeout(() => setShown(true), navigator.onLine ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [live.stale]);
  const text = live.failure ? t("failure") : shown ? t(navigator.onLine ? "stale.waiting" : "stale.offline") : null;
  return (
    <div className="banner" role="status" aria-live="polite">
      {text && <p>{text}</p>}
    </div>
  );
}

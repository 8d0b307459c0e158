import type { Session } from "@/lib/documents";
import { timeLeft } from "@/lib/moment";
import { useServerNow } from "@/lib/server-clock";
import { useNumber, useTranslate } from "@/lib/use-speech";

const SHORT_SHARE = 0.25;

/** What is left of the time. Not read out by itself: a screen reader would hear nothing else. */
export function TimeBar({ session }: { session: Session }) {
  const t = useTranslate();
  const number = useNumber();
  const now = useServerNow(session.closes_at);
  const { share, seconds } = timeLeft(session, now);
  return (
    <div
      className="time"
      role="timer"
      aria-label={t("play.seconds", { count: seconds })}
      data-short={share < SHORT_SHARE || undefined}
    >
      <span className="track" aria-hidden="true">
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
      <span className="seconds" aria-hidden="true">
        {number(seconds)}
      </span>
    </div>
  );
}

/** The seconds until the choices appear, on every screen at once. */
export function LeadIn({ session }: { session: Session }) {
  const t = useTranslate();
  const number = useNumber();
  const opensAt = session.opened_at ?? 0;
  const now = useServerNow(opensAt);
  const seconds = Math.max(1, Math.ceil((opensAt - now) / 1000));
  return (
    <div className="lead-in" role="timer">
      <span>{t("play.startsIn")}</span>
      <b key={seconds}>{number(seconds)}</b>
    </div>
  );
}

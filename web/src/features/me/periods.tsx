import type { Backend } from "@/lib/backend";
import { totalOn } from "@/lib/own-place";
import { GLOBAL_BOARD, type Person } from "@/lib/people-documents";
import { periodOf, SPANS, type Span } from "@/lib/periods";
import { usePeriodOnce, useRank } from "@/lib/use-place";
import { useServerDay } from "@/lib/use-server-day";
import { useNumber, useTranslate } from "@/lib/use-speech";

interface Props {
  backend: Backend;
  person: Person;
}

/** Score and rank, today, this week, this month, and in all. */
export function Periods({ backend, person }: Props) {
  const t = useTranslate();
  const now = useServerDay();
  return (
    <section className="card periods">
      <h2>{t("me.standing")}</h2>
      <ul>
        {SPANS.map((span) => (
          <Period key={span} backend={backend} person={person} span={span} now={now} />
        ))}
      </ul>
      <a className="button" href="/boards">
        {t("boards.title")}
      </a>
    </section>
  );
}

function Period({ backend, person, span, now }: Props & { span: Span; now: number }) {
  const t = useTranslate();
  const number = useNumber();
  const period = periodOf(span, now);
  const total = totalOn(person, GLOBAL_BOARD, period);
  const points = total?.points ?? null;
  const board = usePeriodOnce(backend, GLOBAL_BOARD, period, points);
  const rank = useRank(backend, GLOBAL_BOARD, period, board, points);
  return (
    <li data-span={span}>
      <h3>{t(`boards.${span}`)}</h3>
      {total ? (
        <>
          <p className="points">{number(total.points)}</p>
          <p className="quiet">
            {rank !== null && board && t("me.rankOf", { rank, count: Math.max(board.people, rank) })}
          </p>
          <p className="quiet">{t("me.games", { count: total.games })}</p>
        </>
      ) : (
        <p className="quiet">{t("me.nothing")}</p>
      )}
    </li>
  );
}

import { useState } from "preact/hooks";
import * as v from "valibot";
import type { Backend } from "@/lib/backend";
import { gamesOf, type PlayedGame } from "@/lib/history";
import { monthShape, monthsPath, type Packed, type Person } from "@/lib/people-documents";
import { useDate, useNumber, useTranslate } from "@/lib/use-speech";

const MOST_MONTHS = 120;

interface Props {
  backend: Backend;
  uid: string;
  person: Person;
}

/** Every game that counts, the newest first; each leads to its questions. */
export function HistoryList({ backend, uid, person }: Props) {
  const t = useTranslate();
  const [months, setMonths] = useState<Record<string, Packed>[] | null>(null);
  const [failed, setFailed] = useState(false);
  const load = () =>
    backend
      .find(monthsPath(uid), [], MOST_MONTHS)
      .then((found) => setMonths(found.map(({ data }) => v.parse(monthShape, data).counted)))
      .catch(() => setFailed(true));
  // The server moves games to the months, so a game can be in both.
  const games = gamesOf(...(months ?? []), person.counted);
  return (
    <section className="card history">
      <h2>{t("me.history")}</h2>
      {games.length === 0 && <p className="quiet">{t("me.history.none")}</p>}
      {games.length > 0 && (
        <ul>
          {games.map((game) => (
            <Row key={game.sessionId} game={game} />
          ))}
        </ul>
      )}
      {failed && <p role="alert">{t("refused.unanswered")}</p>}
      {months === null && Object.keys(person.past).length > 0 && (
        <button type="button" onClick={load}>
          {t("me.history.more")}
        </button>
      )}
      <p>
        <a href="/return">{t("return.title")}</a>
      </p>
    </section>
  );
}

function Row({ game: { sessionId, at, title, points, rank, of } }: { game: PlayedGame }) {
  const t = useTranslate();
  const number = useNumber();
  const date = useDate();
  return (
    <li>
      <a href={`/me/${sessionId}`}>
        <b dir="auto">{title}</b>
        <span className="points">{number(points)}</span>
        <small>
          <time dateTime={new Date(at).toISOString()}>{date(at)}</time>
        </small>
        <small>{t("me.rankOf", { rank, count: of })}</small>
      </a>
    </li>
  );
}

import type { CSSProperties } from "preact";
import { Avatar } from "@/components/avatar";
import type { Board, Standing } from "@/lib/documents";
import { useNumber, useTranslate } from "@/lib/use-speech";

const STEPS = 3;
const CONFETTI = Array.from({ length: 36 }, (_, index) => index);

/** The three best. Who shares a rank shares its step's number. */
export function Podium({ board }: { board: Board }) {
  const t = useTranslate();
  const number = useNumber();
  const best = board.top.slice(0, STEPS);
  return (
    <section className="podium" aria-label={t("podium.title")}>
      <Confetti />
      <ol>
        {best.map((row: Standing, place) => (
          <li key={row.player_id} data-place={place + 1}>
            <Avatar name={row.avatar} size={72} />
            <bdi className="name">{row.nickname}</bdi>
            <span className="step">
              <b>
                <span className="hidden">{t("podium.place", { rank: row.rank })}</span>
                <span aria-hidden="true">{number(row.rank)}</span>
              </b>
              <span>{t("board.points", { count: row.score })}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** A little joy; a style rule keeps it still for whoever prefers reduced motion. */
function Confetti() {
  return (
    <div className="confetti" aria-hidden="true">
      {CONFETTI.map((index) => (
        <i key={index} style={{ "--i": index } as CSSProperties} />
      ))}
    </div>
  );
}

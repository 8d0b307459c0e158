import { ChoiceBadge } from "@/components/choice-badge";
import type { Question, Reveal } from "@/lib/documents";
import { useNumber, useTranslate } from "@/lib/use-speech";

interface Props {
  question: Pick<Question, "prompt" | "kind" | "choices">;
  reveal: Reveal;
  language: string;
  /** What this player answered; null for nobody or nothing. */
  mine?: { choices?: number[] | undefined; text?: string | undefined } | null;
  /** How many chose each choice. */
  tally?: number[] | null;
  /** `h1` where nothing stands above it. */
  heading?: "h1" | "h2";
}

/** The question with its right answer, the own one, the counts and the reason. */
export function Solution({ question, reveal, language, mine = null, tally = null, heading: Heading = "h2" }: Props) {
  const t = useTranslate();
  return (
    <section className="card solution">
      <Heading className="prompt" lang={language} dir="auto">
        {question.prompt}
      </Heading>
      {question.kind === "text" ? (
        <dl className="typed-key">
          <dt>{t("play.answer")}</dt>
          <dd lang={language} dir="auto">
            {reveal.key.join(" · ")}
          </dd>
          {mine?.text !== undefined && (
            <>
              <dt>{t("play.yours")}</dt>
              <dd lang={language} dir="auto">
                {mine.text}
              </dd>
            </>
          )}
        </dl>
      ) : (
        <Choices question={question} reveal={reveal} language={language} mine={mine} tally={tally} />
      )}
      {reveal.explanation !== null && (
        <p className="explanation" lang={language} dir="auto">
          <span className="hidden">{t("play.explanation")}: </span>
          {reveal.explanation}
        </p>
      )}
    </section>
  );
}

function Choices({ question, reveal, language, mine, tally }: Props) {
  const t = useTranslate();
  const number = useNumber();
  const right = new Set<number | string>(reveal.key);
  const most = Math.max(1, ...(tally ?? []));
  return (
    <ul className="solved">
      {question.choices.map((choice, index) => (
        <li key={choice} data-right={right.has(index)} data-choice={index}>
          {tally && (
            <span className="bar" style={{ inlineSize: `${((tally[index] ?? 0) / most) * 100}%` }} aria-hidden="true" />
          )}
          <ChoiceBadge index={index} />
          <span className="text">
            <span lang={language} dir="auto">
              {choice}
            </span>{" "}
            {mine?.choices?.includes(index) && <span className="tag">{t("play.yours")}</span>}
          </span>
          {right.has(index) && (
            <span className="right-sign">
              <span aria-hidden="true">✓</span>
              <span className="hidden">{t("play.answer")}</span>
            </span>
          )}
          {tally && (
            <span className="count">
              <span aria-hidden="true">{number(tally[index] ?? 0)}</span>
              <span className="hidden">{t("stage.tally", { count: tally[index] ?? 0 })}</span>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

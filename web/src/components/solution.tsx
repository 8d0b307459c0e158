import { kindOf } from "@/components/kinds";
import type { SolvedProps } from "@/components/kinds/kind";
import type { Question } from "@/lib/documents";
import { useTranslate } from "@/lib/use-speech";

interface Props extends Pick<SolvedProps, "reveal" | "language">, Partial<Pick<SolvedProps, "mine" | "tally">> {
  question: Pick<Question, "prompt" | "kind" | "choices">;
  /** `h1` where nothing stands above it. */
  heading?: "h1" | "h2";
}

/** The question with its right answer, the own one, the counts and the reason. */
export function Solution({ question, reveal, language, mine = null, tally = null, heading: Heading = "h2" }: Props) {
  const t = useTranslate();
  const { Solved } = kindOf(question.kind);
  return (
    <section className="card solution">
      <Heading className="prompt" lang={language} dir="auto">
        {question.prompt}
      </Heading>
      <Solved question={question} reveal={reveal} language={language} mine={mine} tally={tally} />
      {reveal.explanation !== null && (
        <p className="explanation" lang={language} dir="auto">
          <span className="hidden">{t("play.explanation")}: </span>
          {reveal.explanation}
        </p>
      )}
    </section>
  );
}

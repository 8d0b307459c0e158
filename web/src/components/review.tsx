import { useCallback, useEffect, useState } from "preact/hooks";
import { Solution } from "@/components/solution";
import { type RevealedQuestion, revealedQuestions } from "@/lib/api";
import type { Backend } from "@/lib/backend";
import type { Player, Session } from "@/lib/documents";
import { saveFile } from "@/lib/save-file";
import { useTranslate } from "@/lib/use-speech";
import { asCsv, asText, missedOf, type Reviewed, reviewOf } from "@/lib/word-list";

interface Props {
  /** Signed in as the player. */
  backend: Backend;
  sessionId: string;
  session: Pick<Session, "language" | "title">;
  player: Pick<Player, "answers"> | null;
}

/** After the game: every question again, and the words to take away. */
export function Review({ backend, sessionId, session, player }: Props) {
  const t = useTranslate();
  const [questions, setQuestions] = useState<RevealedQuestion[] | "failed" | null>(null);
  const fetchThem = useCallback(() => {
    setQuestions(null);
    revealedQuestions(sessionId, () => backend.idToken()).then(setQuestions, () => setQuestions("failed"));
  }, [backend, sessionId]);
  useEffect(fetchThem, [fetchThem]);

  if (questions === null) return <p className="quiet">{t("review.loading")}</p>;
  if (questions === "failed") {
    return (
      <section className="card centre" role="alert">
        <p>{t("review.failed")}</p>
        <button type="button" onClick={fetchThem}>
          {t("review.again")}
        </button>
      </section>
    );
  }
  const reviewed = reviewOf(questions, player?.answers ?? {});
  return (
    <>
      <Missed missed={missedOf(reviewed)} language={session.language} title={session.title} />
      <section className="review">
        <h2>{t("review.title")}</h2>
        {reviewed.map((each) => (
          <Reviewing key={each.question.index} reviewed={each} language={session.language} />
        ))}
      </section>
    </>
  );
}

function Missed({ missed, language, title }: { missed: Reviewed[]; language: string; title: string }) {
  const t = useTranslate();
  const [copied, setCopied] = useState(false);
  const header = [
    t("review.column.prompt"),
    t("review.column.answer"),
    t("review.column.yours"),
    t("review.column.explanation"),
  ];
  const copy = () => navigator.clipboard.writeText(asText(missed)).then(() => setCopied(true));
  const save = () => saveFile(`${title}.csv`, new Blob([asCsv(header, missed)], { type: "text/csv;charset=utf-8" }));
  return (
    <section className="card missed">
      <h2>{t("review.missed")}</h2>
      {missed.length === 0 ? (
        <p>{t("review.missed.none")}</p>
      ) : (
        <>
          <ul lang={language}>
            {missed.map(({ question, answer }) => (
              <li key={question.index} dir="auto">
                <b>{answer}</b> <span>{question.prompt}</span>
              </li>
            ))}
          </ul>
          <p className="buttons">
            <button type="button" onClick={copy}>
              {t(copied ? "review.copied" : "review.copy")}
            </button>
            <button type="button" onClick={save}>
              {t("review.csv")}
            </button>
          </p>
          <p className="hidden" aria-live="polite">
            {copied && t("review.copied")}
          </p>
        </>
      )}
    </section>
  );
}

function Reviewing({ reviewed: { question, graded }, language }: { reviewed: Reviewed; language: string }) {
  const t = useTranslate();
  const verdict = graded ? (graded.correct ? "right" : "wrong") : "none";
  return (
    <article className="reviewed" data-is={verdict}>
      <p className="kicker">
        {question.index + 1} · {t(`review.${verdict}`)}
      </p>
      <Solution
        question={question}
        reveal={{ key: question.key, explanation: question.explanation }}
        language={language}
        mine={graded ?? null}
      />
    </article>
  );
}

import type { Question } from "@/lib/documents";
import { useTranslate } from "@/lib/use-speech";

const SOUND = /\.(mp3|ogg|oga|wav|m4a)(\?|$)/i;
const FROM_THE_WEB = /^(https:\/\/|\/)/;

/** The prompt, in the quiz's language, and its picture or sound. */
export function QuestionText({ question, language }: { question: Question; language: string }) {
  const t = useTranslate();
  const media = question.media !== null && FROM_THE_WEB.test(question.media) ? question.media : null;
  return (
    <div className="question-text">
      <h1 className="prompt" lang={language} dir="auto">
        {question.prompt}
      </h1>
      {media !== null &&
        (SOUND.test(media) ? (
          // biome-ignore lint/a11y/useMediaCaption: the words that are said are what is asked for
          <audio controls src={media} aria-label={t("play.media")} />
        ) : (
          <img className="media" src={media} alt={t("play.media")} />
        ))}
    </div>
  );
}

import * as v from "valibot";
import { focused } from "@/lib/focused";
import { useDraft } from "@/lib/use-draft";
import { useTranslate } from "@/lib/use-speech";
import type { AnsweringProps, Kind, SolvedProps } from "./kind";

function Answering({ sessionId, session, open, given, give }: AnsweringProps) {
  const t = useTranslate();
  const [text, setText] = useDraft(`typed.${sessionId}.${session.question_index}`, v.string(), () => "");
  function send(event: SubmitEvent) {
    event.preventDefault();
    const trimmed = text.trim();
    if (open && trimmed !== "") give({ question_index: session.question_index ?? 0, text: trimmed });
  }
  return (
    <form className="typed" onSubmit={send}>
      <label>
        {t("play.type")}
        <input
          name="answer"
          lang={session.language}
          dir="auto"
          maxLength={200}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          // The clock runs, and this is the one thing to do.
          ref={focused}
          readOnly={!open}
          value={given && "text" in given ? given.text : text}
          onInput={({ currentTarget: { value } }) => setText(() => value)}
        />
      </label>
      {open && (
        <button type="submit" className="primary" disabled={text.trim() === ""}>
          {t("play.send")}
        </button>
      )}
    </form>
  );
}

function Solved({ reveal, language, mine }: SolvedProps) {
  const t = useTranslate();
  return (
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
  );
}

// The stage offers nothing: the prompt is all there is.
export const text: Kind = { Answering, Offered: () => null, Solved };

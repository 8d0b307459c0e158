import { useEffect } from "preact/hooks";
import * as v from "valibot";
import { ChoiceBadge } from "@/components/choice-badge";
import { TimeBar } from "@/components/time-bar";
import type { AnswerBody } from "@/lib/api";
import type { Question, Session } from "@/lib/documents";
import { focused } from "@/lib/focused";
import { useDraft } from "@/lib/use-draft";
import { useTranslate } from "@/lib/use-speech";

interface Props {
  sessionId: string;
  session: Session;
  question: Question;
  /** Whether an answer can still be given here. */
  open: boolean;
  given: AnswerBody | null;
  give: (body: AnswerBody) => void;
}

export function AnswerForm(props: Props) {
  return (
    <>
      <TimeBar session={props.session} />
      {props.question.kind === "text" ? <TextAnswer {...props} /> : <ChoiceAnswer {...props} />}
    </>
  );
}

function ChoiceAnswer({ sessionId, session, question, open, given, give }: Props) {
  const t = useTranslate();
  const several = question.kind === "multiple";
  const index = session.question_index ?? 0;
  const [picked, setPicked] = useDraft<number[]>(`picked.${sessionId}.${index}`, v.array(v.number()), () => []);
  const chosen = given && "choices" in given ? given.choices : picked;

  function choose(choice: number) {
    if (!open) return;
    if (!several) return give({ question_index: index, choices: [choice] });
    setPicked((before) => (before.includes(choice) ? before.filter((each) => each !== choice) : [...before, choice]));
  }
  const send = () => give({ question_index: index, choices: picked.toSorted((a, b) => a - b) });
  useKeys(question.choices.length, open, choose);

  return (
    <form
      className="choices"
      data-many={question.choices.length > 4 || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (picked.length > 0) send();
      }}
    >
      <p className="quiet hint">
        {t(several ? "play.chooseSeveral" : "play.choose")}
        <span className="by-keys"> · {t("play.keys", { first: 1, last: question.choices.length })}</span>
      </p>
      <ul>
        {question.choices.map((choice, number) => (
          <li key={choice}>
            <button
              type="button"
              className="choice"
              data-choice={number}
              aria-pressed={chosen.includes(number)}
              // Not `disabled`: the focus stays where it is, and a screen reader can still read the choices.
              aria-disabled={!open}
              onClick={() => choose(number)}
            >
              <ChoiceBadge index={number} />
              <span className="text">
                <span lang={session.language} dir="auto">
                  {choice}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {several && open && (
        <button type="submit" className="primary" disabled={picked.length === 0}>
          {t("play.send")}
        </button>
      )}
    </form>
  );
}

function TextAnswer({ sessionId, session, open, given, give }: Props) {
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

/** Keys 1 to 8 choose. */
function useKeys(count: number, open: boolean, choose: (choice: number) => void): void {
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => {
      const choice = Number(event.key) - 1;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (Number.isInteger(choice) && choice >= 0 && choice < count) choose(choice);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}

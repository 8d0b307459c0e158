// What kinds show whose answer is a set of the offered choices.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ChoiceBadge } from "@/components/choice-badge";
import type { MessageName } from "@/lib/messages";
import { useNumber, useTranslate } from "@/lib/use-speech";
import type { AnsweringProps, OfferedProps, SolvedProps } from "./kind";

interface FormProps extends Pick<AnsweringProps, "session" | "question" | "open"> {
  hint: MessageName;
  chosen: readonly number[];
  choose: (choice: number) => void;
  send?: () => void;
  /** Below the choices. */
  children?: ComponentChildren;
}

export function ChoiceForm({ session, question, open, hint, chosen, choose, send, children }: FormProps) {
  const t = useTranslate();
  const press = (choice: number) => open && choose(choice);
  useKeys(question.choices.length, open, press);
  return (
    <form
      className="choices"
      data-many={question.choices.length > 4 || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        send?.();
      }}
    >
      <p className="quiet hint">
        {t(hint)}
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
              onClick={() => press(number)}
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
      {children}
    </form>
  );
}

export function Offered({ question, language }: OfferedProps) {
  return (
    <ul className="offered" data-many={question.choices.length > 4 || undefined}>
      {question.choices.map((choice, index) => (
        <li key={choice} data-choice={index}>
          <ChoiceBadge index={index} />
          <span lang={language} dir="auto">
            {choice}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Solved({ question, reveal, language, mine, tally }: SolvedProps) {
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

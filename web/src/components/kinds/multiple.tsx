import * as v from "valibot";
import { useDraft } from "@/lib/use-draft";
import { useTranslate } from "@/lib/use-speech";
import { ChoiceForm, Offered, Solved } from "./choices";
import type { AnsweringProps, Kind } from "./kind";

/** Presses pick and unpick; a button sends what is picked. */
function Answering({ sessionId, session, question, open, given, give }: AnsweringProps) {
  const t = useTranslate();
  const index = session.question_index ?? 0;
  const [picked, setPicked] = useDraft<number[]>(`picked.${sessionId}.${index}`, v.array(v.number()), () => []);
  const pick = (choice: number) =>
    setPicked((before) => (before.includes(choice) ? before.filter((each) => each !== choice) : [...before, choice]));
  const send = () => {
    if (picked.length > 0) give({ question_index: index, choices: picked.toSorted((a, b) => a - b) });
  };
  return (
    <ChoiceForm
      session={session}
      question={question}
      open={open}
      hint="play.chooseSeveral"
      chosen={given && "choices" in given ? given.choices : picked}
      choose={pick}
      send={send}
    >
      {open && (
        <button type="submit" className="primary" disabled={picked.length === 0}>
          {t("play.send")}
        </button>
      )}
    </ChoiceForm>
  );
}

export const multiple: Kind = { Answering, Offered, Solved };

import { ChoiceForm, Offered, Solved } from "./choices";
import type { AnsweringProps, Kind } from "./kind";

/** The first press is the answer. */
function Answering({ session, question, open, given, give }: AnsweringProps) {
  return (
    <ChoiceForm
      session={session}
      question={question}
      open={open}
      hint="play.choose"
      chosen={given && "choices" in given ? given.choices : []}
      choose={(choice) => give({ question_index: session.question_index ?? 0, choices: [choice] })}
    />
  );
}

export const single: Kind = { Answering, Offered, Solved };

import type { ComponentType } from "preact";
import type { AnswerBody } from "@/lib/api";
import type { Question, Reveal, Session } from "@/lib/documents";

export interface AnsweringProps {
  sessionId: string;
  session: Session;
  question: Question;
  /** Whether an answer can still be given here. */
  open: boolean;
  given: AnswerBody | null;
  give: (body: AnswerBody) => void;
}

export interface OfferedProps {
  question: Question;
  language: string;
}

export interface SolvedProps {
  question: Pick<Question, "choices">;
  reveal: Reveal;
  language: string;
  /** What this player answered; null for nobody or nothing. */
  mine: { choices?: number[] | undefined; text?: string | undefined } | null;
  /** How many chose each choice. */
  tally: number[] | null;
}

/** What the screens show of a question kind, below its prompt. */
export interface Kind {
  /** On the phone while the question is open: the form. */
  Answering: ComponentType<AnsweringProps>;
  /** On the stage while the question is open. */
  Offered: ComponentType<OfferedProps>;
  /** After the reveal, everywhere. */
  Solved: ComponentType<SolvedProps>;
}

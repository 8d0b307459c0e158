import { kindOf } from "@/components/kinds";
import type { AnsweringProps } from "@/components/kinds/kind";
import { TimeBar } from "@/components/time-bar";

export function AnswerForm(props: AnsweringProps) {
  const { Answering } = kindOf(props.question.kind);
  return (
    <>
      <TimeBar session={props.session} />
      <Answering {...props} />
    </>
  );
}

import { useEffect } from "preact/hooks";
import type { Answered } from "@/lib/answer-box";
import type { Player } from "@/lib/documents";
import type { MessageName } from "@/lib/messages";
import { refusalText } from "@/lib/refusal-text";
import { useTranslate } from "@/lib/use-speech";

interface Props {
  answered: Answered | undefined;
  over: boolean;
  sheet: Player | null | undefined;
}

/** What became of the answer: recorded (never just "sent"), still on its way, or refused with the reason. */
export function Receipt({ answered, over, sheet }: Props) {
  const t = useTranslate();
  const said = describe(answered, over, sheet, t);
  const recorded = answered?.status.is === "recorded";
  useEffect(() => {
    if (recorded) performance.mark("receipt-shown");
  }, [recorded]);
  return (
    <div className="receipt" role="status" data-is={said?.is}>
      {said && (
        <>
          <span className="sign" aria-hidden="true" />
          <p>
            <b>{said.title}</b> {said.detail}
          </p>
        </>
      )}
    </div>
  );
}

interface Said {
  is: string;
  title: string;
  detail: string;
}

function describe(
  answered: Answered | undefined,
  over: boolean,
  sheet: Player | null | undefined,
  t: ReturnType<typeof useTranslate>,
): Said | null {
  if (!answered) return over ? { is: "over", title: t("play.timeUp"), detail: t("play.timeUp.detail") } : null;
  const { given, status } = answered;
  const refused = sheet?.refused.find((each) => each.receipt === given.receipt?.receipt);
  if (refused) {
    return { is: "refused", title: t("play.refused"), detail: t(`play.refused.${refused.reason}` as MessageName) };
  }
  switch (status.is) {
    case "sending":
      return { is: "sending", title: t("play.sending"), detail: status.retrying ? t("play.retrying") : "" };
    case "recorded":
      return { is: "recorded", title: t("play.recorded"), detail: t("play.recorded.detail") };
    case "unconfirmed":
      return { is: "unconfirmed", title: t("play.unconfirmed"), detail: t("play.unconfirmed.detail") };
    case "refused":
      return status.error.code === "not_open"
        ? { is: "refused", title: t("play.refused"), detail: t("play.refused.late") }
        : { is: "refused", title: t("play.refused"), detail: refusalText(status.error, t) };
  }
}

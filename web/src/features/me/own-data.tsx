import { useState } from "preact/hooks";
import type { Account } from "@/components/account/account-gate";
import { deleteMe, exported } from "@/lib/people-api";
import { refusalText } from "@/lib/refusal-text";
import { forgetPerson } from "@/lib/remembered-person";
import { saveFile } from "@/lib/save-file";
import { useTranslate } from "@/lib/use-speech";

type Step = "idle" | "sure" | "deleting" | "deleted";

/** Everything that is held about the person, to look at and to delete. */
export function OwnData({ account: { backend, check } }: { account: Account }) {
  const t = useTranslate();
  const [step, setStep] = useState<Step>("idle");
  const [fault, setFault] = useState<string | null>(null);
  const token = () => backend.idToken();

  async function show() {
    setFault(null);
    try {
      const everything = JSON.stringify(await exported(token), null, 2);
      saveFile("wordrush.json", new Blob([everything], { type: "application/json" }));
    } catch (error) {
      setFault(refusalText(error, t));
    }
  }

  async function remove() {
    setStep("deleting");
    setFault(null);
    try {
      await deleteMe(token);
      forgetPerson();
      setStep("deleted");
      await backend.signOut();
      check();
    } catch (error) {
      setStep("sure");
      setFault(refusalText(error, t));
    }
  }

  return (
    <section className="card own-data">
      <h2>{t("me.data")}</h2>
      <p className="quiet">{t("me.data.why")}</p>
      {step === "idle" ? (
        <p className="buttons">
          <button type="button" onClick={show}>
            {t("me.data.show")}
          </button>
          <button type="button" onClick={() => setStep("sure")}>
            {t("me.data.delete")}
          </button>
        </p>
      ) : (
        <fieldset>
          <legend>{t("me.data.delete.sure")}</legend>
          <p className="buttons">
            <button type="button" onClick={() => setStep("idle")} disabled={step !== "sure"}>
              {t("stage.cancel")}
            </button>
            <button type="button" className="danger" onClick={remove} disabled={step !== "sure"}>
              {t(step === "sure" ? "me.data.delete.yes" : "me.data.deleting")}
            </button>
          </p>
        </fieldset>
      )}
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

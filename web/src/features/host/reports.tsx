import { useState } from "preact/hooks";
import { report } from "@/lib/api";
import type { Backend } from "@/lib/backend";
import { refusalText } from "@/lib/refusal-text";
import { saveFile } from "@/lib/save-file";
import { useTranslate } from "@/lib/use-speech";

export function Reports({ backend, sessionId, pin }: { backend: Backend; sessionId: string; pin: string }) {
  const t = useTranslate();
  const [fault, setFault] = useState<string | null>(null);
  const fetchReport = (format: "csv" | "xlsx") =>
    report(sessionId, format, () => backend.idToken()).then(
      (content) => saveFile(`wordrush-${pin}.${format}`, content),
      (error: unknown) => setFault(refusalText(error, t)),
    );
  return (
    <section className="reports">
      <p className="buttons centre">
        <button type="button" onClick={() => fetchReport("csv")}>
          {t("stage.report.csv")}
        </button>
        <button type="button" onClick={() => fetchReport("xlsx")}>
          {t("stage.report.xlsx")}
        </button>
      </p>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

import { useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { Frame } from "@/components/frame";
import type { Backend } from "@/lib/backend";
import { freshKey } from "@/lib/ids";
import { makeClass } from "@/lib/people-api";
import { refusalText } from "@/lib/refusal-text";
import { useTranslate } from "@/lib/use-speech";
import { useOwnClasses } from "./use-own-classes";

const MOST_TITLE_CHARS = 80;

/** The list of the host's classes, and a form for another class. */
export function ClassesScreen({ backend }: { backend: Backend }) {
  const t = useTranslate();
  const { classes, fault } = useOwnClasses(backend);
  return (
    <Frame title={t("class.all")}>
      <div className="class-screen">
        <p>
          <a href="/host">{t("class.toHost")}</a>
        </p>
        <h1>{t("class.all")}</h1>
        {fault !== null && <p role="alert">{refusalText(fault, t)}</p>}
        {classes?.length === 0 && <p className="quiet">{t("class.none")}</p>}
        {classes && classes.length > 0 && (
          <ul className="class-list">
            {classes.map(({ class_id, title }) => (
              <li key={class_id}>
                <a className="card" href={`/host/classes/${class_id}`} dir="auto">
                  {title}
                </a>
              </li>
            ))}
          </ul>
        )}
        <NewClass backend={backend} />
      </div>
    </Frame>
  );
}

function NewClass({ backend }: { backend: Backend }) {
  const t = useTranslate();
  const [, go] = useLocation();
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  // One class however often the button is pressed; another title is another class.
  const asked = useRef({ title: "", key: "" });
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (asked.current.title !== title) asked.current = { title, key: freshKey() };
    setBusy(true);
    setFault(null);
    try {
      // The class's days begin at midnight in the teacher's time zone.
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      go(`/host/classes/${await makeClass(title, timeZone, asked.current.key, () => backend.idToken())}`);
    } catch (error) {
      setBusy(false);
      setFault(refusalText(error, t));
    }
  }
  return (
    <form className="card code-form" onSubmit={submit}>
      <label>
        {t("class.title")}
        <input
          required
          maxLength={MOST_TITLE_CHARS}
          dir="auto"
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <button type="submit" className="primary" disabled={busy}>
        {t("class.make")}
      </button>
      <p className="fault" role="alert">
        {fault}
      </p>
    </form>
  );
}

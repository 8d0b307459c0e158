import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import type { Backend } from "@/lib/backend";
import { joinClass, leaveClass } from "@/lib/people-api";
import { classBoard, membershipShape, membershipsPath } from "@/lib/people-documents";
import { refusalText } from "@/lib/refusal-text";
import { useCollection } from "@/lib/use-collection";
import { useTranslate } from "@/lib/use-speech";

const MOST = 50;
const CODE_CHARS = 6;
const TYPED_CHARS = 12; // the server takes spaces and dashes out

/** The classes that the person is in, and the way into another one. */
export function Classes({ backend, uid }: { backend: Backend; uid: string }) {
  const t = useTranslate();
  const classes = useCollection(backend, membershipsPath(uid), membershipShape, MOST);
  const [fault, setFault] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<string | null>(null);
  const attempt = (work: Promise<unknown>, then: () => void) => {
    setFault(null);
    return work.then(then, (error: unknown) => setFault(refusalText(error, t)));
  };
  function join(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const code = String(new FormData(form).get("code"));
    void attempt(
      joinClass(code, () => backend.idToken()),
      () => form.reset(),
    );
  }
  const leave = (id: string) =>
    attempt(
      leaveClass(id, uid, () => backend.idToken()),
      () => setLeaving(null),
    );
  return (
    <section className="card classes">
      <h2>{t("me.classes")}</h2>
      {classes && classes.length > 0 && (
        <ul>
          {classes.map(({ id, title }) => (
            <li key={id}>
              <a href={`/boards/${classBoard(id)}`} dir="auto">
                {title}
              </a>
              {leaving === id ? (
                <span className="buttons">
                  <button type="button" className="danger" onClick={() => leave(id)}>
                    {t("me.class.leave.yes")}
                  </button>
                  <button type="button" onClick={() => setLeaving(null)}>
                    {t("stage.cancel")}
                  </button>
                </span>
              ) : (
                <button type="button" className="plain" onClick={() => setLeaving(id)}>
                  <span aria-hidden="true">{t("me.class.leave")}</span>
                  <span className="hidden">{t("me.class.leave.of", { title })}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <form className="code-form" onSubmit={join}>
        <label>
          {t("me.class.code")}
          <input
            name="code"
            required
            minLength={CODE_CHARS}
            maxLength={TYPED_CHARS}
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            dir="ltr"
          />
        </label>
        <button type="submit">{t("me.class.join")}</button>
      </form>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

import { useState } from "preact/hooks";
import type { Backend } from "@/lib/backend";
import { device } from "@/lib/device";
import { useTranslate } from "@/lib/use-speech";

export function SignIn({ backend, signedIn }: { backend: Backend; signedIn: () => void }) {
  const t = useTranslate();
  const [fault, setFault] = useState<string | null>(null);
  const attempt = (work: Promise<void>) =>
    work.then(signedIn, (error: Error) => setFault(t("host.signIn.failed", { detail: error.message })));
  return (
    <section className="card sign-in">
      <h1>{t("host.signIn")}</h1>
      <p className="quiet">{t("host.signIn.why")}</p>
      {backend.demo && (
        <>
          <button type="button" className="primary" onClick={() => attempt(backend.signInAsDemoHost())}>
            {t("host.demo")}
          </button>
          <p className="quiet">{t("host.demo.why")}</p>
        </>
      )}
      {!backend.demo && (
        <button type="button" className="primary" onClick={() => attempt(backend.signInWithGoogle())}>
          {t("host.google")}
        </button>
      )}
      <EmailLink backend={backend} attempt={attempt} />
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

/** A link by e-mail; opening it comes back here, where the address is asked again only on another device. */
function EmailLink({ backend, attempt }: { backend: Backend; attempt: (work: Promise<void>) => void }) {
  const t = useTranslate();
  const returned = backend.isLink(location.href);
  const [email, setEmail] = useState(device.setting("email") ?? "");
  const [sent, setSent] = useState(false);
  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (returned) return attempt(finish(backend, email));
    device.set("email", email);
    backend.sendLink(email, `${location.origin}${location.pathname}`).then(
      () => setSent(true),
      (error: Error) => attempt(Promise.reject(error)),
    );
  }
  if (sent) return <p role="status">{t("host.email.sent", { email })}</p>;
  return (
    <form onSubmit={submit}>
      <label>
        {t("host.email")}
        <input
          type="email"
          required
          autoComplete="email"
          dir="ltr"
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{t(returned ? "host.email.confirm" : "host.email.send")}</button>
    </form>
  );
}

async function finish(backend: Backend, email: string): Promise<void> {
  await backend.signInWithLink(email, location.href);
  // The link works once; in the address it would only look as if it had failed after a reload.
  history.replaceState(null, "", location.pathname);
}

export function NotHost({ backend, check }: { backend: Backend; check: () => void }) {
  const t = useTranslate();
  return (
    <section className="card">
      <h1>{t("host.notHost")}</h1>
      <p>{t("host.notHost.do")}</p>
      <pre dir="ltr">wordrush role grant host {backend.uid()}</pre>
      <p className="buttons">
        <button type="button" className="primary" onClick={check}>
          {t("host.check")}
        </button>
        <button type="button" onClick={() => backend.signOut().then(check)}>
          {t("host.signOut")}
        </button>
      </p>
    </section>
  );
}

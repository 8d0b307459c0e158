import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Backend } from "@/lib/backend";
import { device } from "@/lib/device";
import { leftToRight, type MessageName } from "@/lib/messages";
import { signInFault } from "@/lib/sign-in-fault";
import { useTranslate } from "@/lib/use-speech";

interface Props {
  backend: Backend;
  /** Called after every way of signing in. */
  signedIn: () => void;
  title: MessageName;
  why: MessageName;
  /** `h2` below a heading of the page. */
  heading?: Heading;
  /** Shown above the ways to sign in. */
  children?: ComponentChildren;
}

export type Heading = "h1" | "h2";
type Way = "link" | "password";

/** The target of links in mails: this page, without the parameters of an earlier link. */
const here = () => `${location.origin}${location.pathname}`;

/** Sign in, or sign up, with Google, with a link by e-mail, or with e-mail and password. */
export function SignIn({ backend, signedIn, title, why, heading: Title = "h1", children }: Props) {
  const t = useTranslate();
  const [way, setWay] = useState<Way>("link");
  const [said, setSaid] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [email, setEmail] = useState(device.setting("email") ?? "");
  const attempt = (work: Promise<void>, then: () => void) => {
    setFault(null);
    setSaid(null);
    return work.then(then, (error: unknown) => setFault(signInFault(error, t)));
  };
  const remember = (typed: string) => {
    setEmail(typed);
    device.set("email", typed);
  };
  // A card has one primary button, and `children` has one.
  const look = children ? undefined : "primary";
  const ways = { backend, email, setEmail: remember, attempt, signedIn, say: setSaid, look };
  return (
    <section className="card sign-in">
      <Title>{t(title)}</Title>
      <p className="quiet">{t(why)}</p>
      {children}
      {!backend.demo && (
        <button type="button" onClick={() => attempt(backend.signInWithGoogle(), signedIn)}>
          {t("account.google")}
        </button>
      )}
      {way === "link" ? <ByLink {...ways} /> : <ByPassword {...ways} />}
      <button
        type="button"
        className="plain"
        onClick={() => {
          setFault(null);
          setSaid(null);
          setWay(way === "link" ? "password" : "link");
        }}
      >
        {t(way === "link" ? "account.byPassword" : "account.byLink")}
      </button>
      <p role="status">{said}</p>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

interface WayProps {
  backend: Backend;
  email: string;
  setEmail: (email: string) => void;
  attempt: (work: Promise<void>, then: () => void) => Promise<void>;
  signedIn: () => void;
  say: (text: string) => void;
  look: string | undefined;
}

/** The link leads back to this page; only another device has to type the address again. */
function ByLink({ backend, email, setEmail, attempt, signedIn, say, look }: WayProps) {
  const t = useTranslate();
  const returned = backend.isLink(location.href);
  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (returned) void attempt(finish(backend, email), signedIn);
    else
      void attempt(backend.sendLink(email, here()), () => say(t("account.link.sent", { email: leftToRight(email) })));
  }
  return (
    <form onSubmit={submit}>
      <EmailField email={email} setEmail={setEmail} />
      <button type="submit" className={look}>
        {t(returned ? "account.link.confirm" : "account.link.send")}
      </button>
    </form>
  );
}

async function finish(backend: Backend, email: string): Promise<void> {
  await backend.signInWithLink(email, location.href);
  // The link works once, so a reload with it would show a fault.
  history.replaceState(null, "", location.pathname);
}

const SHORTEST_PASSWORD = 8;

function ByPassword({ backend, email, setEmail, attempt, signedIn, say, look }: WayProps) {
  const t = useTranslate();
  const [password, setPassword] = useState("");
  const [isNew, setNew] = useState(false);
  function submit(event: SubmitEvent) {
    event.preventDefault();
    void attempt(isNew ? signUp(backend, email, password) : backend.signInWithPassword(email, password), signedIn);
  }
  // The sentence does not reveal whether the account exists.
  const reset = () =>
    email === ""
      ? say(t("account.reset.address"))
      : attempt(backend.sendReset(email, here()), () => say(t("account.reset.sent", { email: leftToRight(email) })));
  return (
    <form onSubmit={submit}>
      <EmailField email={email} setEmail={setEmail} />
      <label>
        {t("account.password")}
        <input
          type="password"
          required
          minLength={isNew ? SHORTEST_PASSWORD : 1}
          autoComplete={isNew ? "new-password" : "current-password"}
          dir="ltr"
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
          aria-describedby={isNew ? "password-hint" : undefined}
        />
        {isNew && <small id="password-hint">{t("account.password.hint", { count: SHORTEST_PASSWORD })}</small>}
      </label>
      <button type="submit" className={look}>
        {t(isNew ? "account.create" : "account.signIn")}
      </button>
      <p className="buttons">
        <button type="button" className="plain" onClick={() => setNew(!isNew)}>
          {t(isNew ? "account.haveOne" : "account.new")}
        </button>
        {!isNew && (
          <button type="button" className="plain" onClick={reset}>
            {t("account.reset")}
          </button>
        )}
      </p>
    </form>
  );
}

/** When the mail cannot be sent, the account exists all the same, and the next screen can send another mail. */
async function signUp(backend: Backend, email: string, password: string): Promise<void> {
  await backend.signUp(email, password);
  await backend.sendProof(here()).catch(() => undefined);
}

function EmailField({ email, setEmail }: Pick<WayProps, "email" | "setEmail">) {
  const t = useTranslate();
  return (
    <label>
      {t("account.email")}
      <input
        type="email"
        required
        autoComplete="email"
        dir="ltr"
        value={email}
        onInput={(event) => setEmail(event.currentTarget.value)}
      />
    </label>
  );
}

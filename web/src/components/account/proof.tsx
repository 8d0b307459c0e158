import { useState } from "preact/hooks";
import type { Backend } from "@/lib/backend";
import { leftToRight } from "@/lib/messages";
import { signInFault } from "@/lib/sign-in-fault";
import { useTranslate } from "@/lib/use-speech";
import type { Heading } from "./sign-in";

interface Props {
  backend: Backend;
  check: () => void;
  heading: Heading;
}

/** The screen of an account whose address is not proven: anybody can sign up with another person's address. */
export function Proof({ backend, check, heading: Title }: Props) {
  const t = useTranslate();
  const [said, setSaid] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const attempt = (work: Promise<void>, then: () => void) => {
    setFault(null);
    return work.then(then, (error: unknown) => setFault(signInFault(error, t)));
  };
  const look = () =>
    attempt(backend.askAgain(), () => (backend.proven() ? check() : setSaid(t("account.proof.notYet"))));
  const again = () =>
    attempt(backend.sendProof(`${location.origin}${location.pathname}`), () => setSaid(t("account.proof.again")));
  return (
    <section className="card sign-in">
      <Title>{t("account.proof")}</Title>
      <p>{t("account.proof.why", { email: leftToRight(backend.email() ?? "") })}</p>
      <p className="buttons">
        <button type="button" className="primary" onClick={look}>
          {t("account.proof.done")}
        </button>
        <button type="button" onClick={again}>
          {t("account.proof.send")}
        </button>
        <button type="button" className="plain" onClick={() => backend.signOut().then(check)}>
          {t("account.signOut")}
        </button>
      </p>
      <p role="status">{said}</p>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

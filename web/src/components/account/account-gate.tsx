import "@/styles/account.css";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { ACCOUNT_BACKEND, type Backend } from "@/lib/backend";
import type { MessageName } from "@/lib/messages";
import { useBackend } from "@/lib/use-backend";
import { useTranslate } from "@/lib/use-speech";
import { Proof } from "./proof";
import { type Heading, SignIn } from "./sign-in";

/** The signed-in account and its role. */
export interface Account {
  backend: Backend;
  uid: string;
  role: string | null;
  /** Read the account again, with its role from the server. */
  check: () => void;
}

interface Props {
  title: MessageName;
  why: MessageName;
  heading?: Heading;
  /** Wraps every screen of the gate, but not `children`. */
  shell: (content: ComponentChildren) => ComponentChildren;
  /** More ways of signing in. */
  more?: (backend: Backend, check: () => void) => ComponentChildren;
  children: (account: Account) => ComponentChildren;
}

/** Shows `children` to an account with a proven address; else the ways to sign in, or to prove the address. */
export function AccountGate({ title, why, heading = "h1", shell, more, children }: Props) {
  const t = useTranslate();
  const { backend, failed } = useBackend(ACCOUNT_BACKEND);
  const [known, setKnown] = useState<{ uid: string | null; role: string | null; proven: boolean } | null>(null);
  const ask = useCallback(
    async (fresh: boolean) => {
      if (!backend) return;
      const role = await backend.role(fresh).catch(() => null);
      setKnown({ uid: backend.uid(), role, proven: backend.proven() });
    },
    [backend],
  );
  useEffect(() => void ask(false), [ask]);
  const check = () => void ask(true);

  if (failed) return shell(<p role="alert">{t("failure")}</p>);
  if (!backend || known === null) return shell(<p className="quiet">{t("app.loading")}</p>);
  if (known.uid === null) {
    return shell(
      <SignIn backend={backend} signedIn={check} title={title} why={why} heading={heading}>
        {more?.(backend, check)}
      </SignIn>,
    );
  }
  if (!known.proven) return shell(<Proof backend={backend} check={check} heading={heading} />);
  return children({ backend, uid: known.uid, role: known.role, check });
}

import type { ComponentChildren } from "preact";
import { type Account, AccountGate } from "@/components/account/account-gate";
import { Frame } from "@/components/frame";
import type { Backend } from "@/lib/backend";
import { useTranslate } from "@/lib/use-speech";

// Each role may do what the roles before it may.
const HOSTS: ReadonlySet<string | null> = new Set(["host", "operator"]);

/** Lets hosts through; shows others how to become one. */
export function HostGate({ children }: { children: (backend: Backend) => ComponentChildren }) {
  const t = useTranslate();
  const shell = (content: ComponentChildren) => <Frame title={t("host.signIn")}>{content}</Frame>;
  return (
    <AccountGate
      title="host.signIn"
      why="host.signIn.why"
      shell={shell}
      more={(backend, check) => backend.demo && <DemoHost backend={backend} check={check} />}
    >
      {(account) => (HOSTS.has(account.role) ? children(account.backend) : shell(<NotHost account={account} />))}
    </AccountGate>
  );
}

function DemoHost({ backend, check }: { backend: Backend; check: () => void }) {
  const t = useTranslate();
  return (
    <>
      <button type="button" className="primary" onClick={() => backend.signInAsDemoHost().then(check)}>
        {t("host.demo")}
      </button>
      <p className="quiet">{t("host.demo.why")}</p>
    </>
  );
}

function NotHost({ account: { backend, check } }: { account: Account }) {
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
          {t("account.signOut")}
        </button>
      </p>
    </section>
  );
}

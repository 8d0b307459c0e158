import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Frame } from "@/components/frame";
import { type Backend, HOST_BACKEND } from "@/lib/backend";
import { useBackend } from "@/lib/use-backend";
import { useTranslate } from "@/lib/use-speech";
import { NotHost, SignIn } from "./sign-in";

const HOST_ROLE = "host";

/** Lets hosts through; shows others how to become one. */
export function HostGate({ children }: { children: (backend: Backend) => ComponentChildren }) {
  const t = useTranslate();
  const { backend, failed } = useBackend(HOST_BACKEND);
  const [account, setAccount] = useState<{ uid: string | null; role: string | null } | null>(null);
  const check = useCallback(
    async (fresh: boolean) => {
      if (!backend) return;
      const role = await backend.role(fresh).catch(() => null);
      setAccount({ uid: backend.uid(), role });
    },
    [backend],
  );
  useEffect(() => void check(false), [check]);

  if (failed)
    return (
      <Frame>
        <p role="alert">{t("failure")}</p>
      </Frame>
    );
  if (!backend || account === null) {
    return (
      <Frame>
        <p className="quiet">{t("app.loading")}</p>
      </Frame>
    );
  }
  if (account.role === HOST_ROLE) return children(backend);
  return (
    <Frame title={t("host.signIn")}>
      {account.uid === null ? (
        <SignIn backend={backend} signedIn={() => check(true)} />
      ) : (
        <NotHost backend={backend} check={() => check(true)} />
      )}
    </Frame>
  );
}

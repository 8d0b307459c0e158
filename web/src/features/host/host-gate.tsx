import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Frame } from "@/components/frame";
import { type Door, HOST_DOOR } from "@/lib/door";
import { useDoor } from "@/lib/use-door";
import { useTranslate } from "@/lib/use-speech";
import { NotHost, SignIn } from "./sign-in";

const HOST_ROLE = "host";

/** Lets hosts through; shows others how to become one. */
export function HostGate({ children }: { children: (door: Door) => ComponentChildren }) {
  const t = useTranslate();
  const { door, failed } = useDoor(HOST_DOOR);
  const [account, setAccount] = useState<{ uid: string | null; role: string | null } | null>(null);
  const check = useCallback(
    async (fresh: boolean) => {
      if (!door) return;
      const role = await door.role(fresh).catch(() => null);
      setAccount({ uid: door.uid(), role });
    },
    [door],
  );
  useEffect(() => void check(false), [check]);

  if (failed)
    return (
      <Frame>
        <p role="alert">{t("failure")}</p>
      </Frame>
    );
  if (!door || account === null) {
    return (
      <Frame>
        <p className="quiet">{t("app.loading")}</p>
      </Frame>
    );
  }
  if (account.role === HOST_ROLE) return children(door);
  return (
    <Frame title={t("host.signIn")}>
      {account.uid === null ? (
        <SignIn door={door} signedIn={() => check(true)} />
      ) : (
        <NotHost door={door} check={() => check(true)} />
      )}
    </Frame>
  );
}

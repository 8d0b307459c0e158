import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Frame } from "@/components/frame";
import { type Door, HOST_DOOR } from "@/lib/door";
import { useDoor } from "@/lib/use-door";
import { useTranslate } from "@/lib/use-speech";
import { NotHost, SignIn } from "./sign-in";

const HOST_ROLE = "host";

/** Lets hosts through; shows others how to become one. */
export function HostGate({ children }: { children: (door: Door) => ReactNode }) {
  const t = useTranslate();
  const { door, failed } = useDoor(HOST_DOOR);
  const [role, setRole] = useState<string | null | undefined>(undefined);
  const check = useCallback(
    async (fresh: boolean) => {
      if (door) setRole(await door.role(fresh).catch(() => null));
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
  if (!door || role === undefined) {
    return (
      <Frame>
        <p className="quiet">{t("app.loading")}</p>
      </Frame>
    );
  }
  if (role === HOST_ROLE) return children(door);
  return (
    <Frame title={t("host.signIn")}>
      {door.uid() === null ? (
        <SignIn door={door} signedIn={() => check(true)} />
      ) : (
        <NotHost door={door} check={() => check(true)} />
      )}
    </Frame>
  );
}

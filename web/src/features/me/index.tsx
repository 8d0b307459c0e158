import "@/styles/me.css";
import type { ComponentChildren } from "preact";
import { AccountGate } from "@/components/account/account-gate";
import { Frame } from "@/components/frame";
import { useTranslate } from "@/lib/use-speech";
import { MeScreen } from "./me-screen";
import { PastGame } from "./past-game";

/** A person's own pages. `sessionId`: one game of the history; null for the overview. */
export default function Me({ sessionId }: { sessionId: string | null }) {
  const t = useTranslate();
  const shell = (content: ComponentChildren) => <Frame title={t("me.title")}>{content}</Frame>;
  return (
    <AccountGate title="me.signIn" why="me.signIn.why" shell={shell}>
      {(account) =>
        shell(
          sessionId === null ? <MeScreen account={account} /> : <PastGame account={account} sessionId={sessionId} />,
        )
      }
    </AccountGate>
  );
}

import { useState } from "preact/hooks";
import { backend, playerBackend } from "@/lib/backend";
import type { Seat } from "@/lib/device";
import { leftToRight } from "@/lib/messages";
import { returnCode } from "@/lib/people-api";
import { refusalText } from "@/lib/refusal-text";
import { rememberedPerson } from "@/lib/remembered-person";
import { useTranslate } from "@/lib/use-speech";

/** A code with which the guest continues on another device. */
export function ReturnCode({ seat }: { seat: Seat }) {
  const t = useTranslate();
  const [code, setCode] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  // An account needs no code: it signs in on the other device.
  if (seat.player_id === rememberedPerson()?.uid) return null;

  async function ask() {
    setFault(null);
    try {
      const player = await backend(playerBackend(seat.session_id));
      setCode((await returnCode(seat.session_id, () => player.idToken())).code);
    } catch (error) {
      setFault(refusalText(error, t));
    }
  }
  return (
    <section className="return-code centre">
      {code === null ? (
        <button type="button" className="plain" onClick={ask}>
          {t("return.ask")}
        </button>
      ) : (
        <p role="status">
          {t("return.is", { address: leftToRight(`${location.host}/return`) })} <b dir="ltr">{code}</b>
        </p>
      )}
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

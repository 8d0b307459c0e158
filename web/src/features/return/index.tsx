import { useRef, useState } from "preact/hooks";
import * as v from "valibot";
import { useLocation } from "wouter-preact";
import { Frame } from "@/components/frame";
import { backend, playerBackend } from "@/lib/backend";
import { device } from "@/lib/device";
import { playerPath, playerShape, sessionPath, sessionShape } from "@/lib/documents";
import { focused } from "@/lib/focused";
import { freshKey } from "@/lib/ids";
import { comeBack } from "@/lib/people-api";
import { refusalText } from "@/lib/refusal-text";
import { useTranslate } from "@/lib/use-speech";

const TYPED_CHARS = 12; // the server takes spaces and dashes out

/** A form for a return code: the guest continues on this device. */
export default function Return() {
  const t = useTranslate();
  const [, go] = useLocation();
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // A code works once, so a repeated request must have the same key.
  const asked = useRef({ code: "", key: "" });

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (code.trim() === "") return setFault(t("return.missing"));
    if (asked.current.code !== code) asked.current = { code, key: freshKey() };
    setBusy(true);
    setFault(null);
    try {
      go(`/play/${await sitDown(code, asked.current.key)}`);
    } catch (error) {
      setBusy(false);
      setFault(refusalText(error, t));
    }
  }

  return (
    <Frame title={t("return.title")}>
      <form className="card join" onSubmit={submit} noValidate>
        <h1>{t("return.title")}</h1>
        <label>
          {t("return.code")}
          <input
            className="pin"
            name="code"
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            dir="ltr"
            maxLength={TYPED_CHARS}
            ref={focused}
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
            aria-describedby="code-hint"
          />
          <small id="code-hint">{t("return.hint")}</small>
        </label>
        <button className="primary" type="submit" disabled={busy}>
          {t("return.do")}
        </button>
        <p className="fault" role="alert">
          {fault}
        </p>
      </form>
    </Frame>
  );
}

/** Returns the session's id. */
async function sitDown(code: string, key: string): Promise<string> {
  const { session_id, player_id, token } = await comeBack(code, key);
  const player = await backend(playerBackend(session_id));
  await player.signIn(token);
  const [session, sheet] = await Promise.all([
    player.get(sessionPath(session_id)),
    player.get(playerPath(session_id, player_id)),
  ]);
  const pin = v.parse(sessionShape, session).pin;
  const { nickname, avatar } = v.parse(playerShape, sheet);
  device.sit({ session_id, player_id, pin, nickname: nickname ?? "", avatar: avatar ?? "" });
  return session_id;
}

import { useState } from "preact/hooks";
import * as v from "valibot";
import { useLocation, useSearch } from "wouter-preact";
import { AvatarChoice } from "@/components/avatar-choice";
import { Frame } from "@/components/frame";
import { join, type Token } from "@/lib/api";
import { AVATARS } from "@/lib/avatars";
import { ACCOUNT_BACKEND, type Backend, backend, GUEST_BACKEND, playerBackend, warmUp } from "@/lib/backend";
import { device } from "@/lib/device";
import { focused } from "@/lib/focused";
import { freshKey } from "@/lib/ids";
import { refusalText } from "@/lib/refusal-text";
import { forgetPerson, type RememberedPerson, rememberedPerson } from "@/lib/remembered-person";
import { useDraft } from "@/lib/use-draft";
import { useTranslate } from "@/lib/use-speech";

const PIN_DIGITS = 6;
const digits = (text: string) => text.replace(/\D/g, "").slice(0, PIN_DIGITS);

// What was asked with which key is part of it: one key for one player, so that pressing Join again after a lost reply
// or a reload is the same request.
const formShape = v.object({
  pin: v.string(),
  nickname: v.string(),
  avatar: v.picklist(AVATARS),
  asked: v.nullable(v.object({ content: v.string(), key: v.string() })),
});
const fresh = (pin: string, person: RememberedPerson | null): v.InferOutput<typeof formShape> => ({
  pin,
  nickname: person?.nickname ?? "",
  avatar:
    AVATARS.find((name) => name === person?.avatar) ?? AVATARS[Math.floor(Math.random() * AVATARS.length)] ?? "fox",
  asked: null,
});

/** The account of this device; null when its sign-in has ended. */
async function accountOf(person: RememberedPerson | null): Promise<Backend | null> {
  if (person === null) return null;
  const account = await backend(ACCOUNT_BACKEND);
  if (account.uid() === person.uid) return account;
  forgetPerson();
  return null;
}

/** Behind a shared address (a school) an account is counted by itself. */
async function guestAccount(): Promise<Token> {
  const guest = await backend(GUEST_BACKEND);
  if (guest.uid() === null) await guest.signInAnonymously();
  return () => guest.idToken();
}

/** The way into a game: a PIN (typed, from a link or from its QR code), a nickname, a picture. */
export function JoinScreen() {
  const t = useTranslate();
  const [, go] = useLocation();
  const linked = digits(new URLSearchParams(useSearch()).get("pin") ?? "");
  // Another link is another form.
  const [person, setPerson] = useState(rememberedPerson);
  const [form, change] = useDraft(`join.${linked}`, formShape, () => fresh(linked, person));
  const { pin, nickname, avatar } = form;
  const [asSomebodyElse, setAsSomebodyElse] = useState(false);
  const [state, setState] = useState<"idle" | "joining" | "retrying">("idle");
  const [fault, setFault] = useState<string | null>(null);

  const seat = asSomebodyElse ? undefined : device.seats().find((each) => each.pin === pin);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (seat) return go(`/play/${seat.session_id}`);
    if (pin.length !== PIN_DIGITS) return setFault(t("join.pin.invalid"));
    if (nickname.trim() === "") return setFault(t("join.nickname.missing"));
    const content = JSON.stringify([pin, nickname, avatar, person?.uid ?? null]);
    const asked = form.asked?.content === content ? form.asked : { content, key: freshKey() };
    change((before) => ({ ...before, asked }));
    setFault(null);
    setState("joining");
    try {
      const onRetry = () => setState("retrying");
      const account = await accountOf(person);
      if (person && !account) {
        setPerson(null);
        setState("idle");
        return setFault(t("refused.unauthenticated"));
      }
      const token = account ? () => account.idToken() : undefined;
      const joined = await join({ pin, nickname, avatar }, asked.key, { account: guestAccount, onRetry, token });
      const opened = await backend(playerBackend(joined.session_id));
      await (joined.token
        ? opened.signIn(joined.token, onRetry)
        : opened.signInAs(account ?? (await backend(GUEST_BACKEND))));
      device.sit({
        session_id: joined.session_id,
        player_id: joined.player_id,
        pin,
        nickname: nickname.trim(),
        avatar,
      });
      change(() => fresh(linked, person));
      go(`/play/${joined.session_id}`);
    } catch (error) {
      setState("idle");
      setFault(refusalText(error, t));
    }
  }

  return (
    <Frame title={t("join.title")}>
      <form className="card join" onSubmit={submit} noValidate>
        <h1>{t("join.title")}</h1>
        <label>
          {t("join.pin")}
          <input
            className="pin"
            name="pin"
            inputMode="numeric"
            autoComplete="off"
            dir="ltr"
            // The page is this form: the first thing to do is to type.
            ref={linked === "" ? focused : null}
            value={pin}
            onInput={(event) => {
              // The field shows digits only, also when the PIN stays as it was.
              event.currentTarget.value = digits(event.currentTarget.value);
              const pin = event.currentTarget.value;
              change((before) => ({ ...before, pin }));
            }}
            aria-describedby="pin-hint"
            aria-invalid={fault === t("join.pin.invalid") || undefined}
          />
          <small id="pin-hint">{t("join.pin.hint")}</small>
        </label>
        {seat ? (
          <>
            <p>{t("join.back", { nickname: seat.nickname })}</p>
            <button className="primary" type="submit">
              {t("join.goOn", { nickname: seat.nickname })}
            </button>
            <button className="plain" type="button" onClick={() => setAsSomebodyElse(true)}>
              {t("join.other")}
            </button>
          </>
        ) : (
          <>
            <label>
              {t("join.nickname")}
              <input
                name="nickname"
                autoComplete="nickname"
                maxLength={20}
                dir="auto"
                // With the PIN known, the nickname is what is left to type.
                ref={linked === "" ? null : focused}
                value={nickname}
                onFocus={warmUp}
                onInput={({ currentTarget: { value } }) => change((before) => ({ ...before, nickname: value }))}
                aria-describedby="nickname-hint"
              />
              <small id="nickname-hint">{t("join.nickname.hint")}</small>
            </label>
            <AvatarChoice chosen={avatar} choose={(avatar) => change((before) => ({ ...before, avatar }))} />
            {person && (
              <p className="as-person">
                {t("join.asPerson", { nickname: person.nickname })}{" "}
                <button type="button" className="plain" onClick={() => setPerson(null)}>
                  {t("join.asGuest")}
                </button>
              </p>
            )}
            <button className="primary" type="submit" disabled={state !== "idle"}>
              {state === "idle" ? t("join.submit") : t("join.joining")}
            </button>
          </>
        )}
        <p className="fault" role="alert">
          {fault ?? (state === "retrying" ? t("join.retrying") : "")}
        </p>
      </form>
      <p className="tagline">
        {t("app.tagline")} <a href="/host">{t("join.host")}</a>
      </p>
      <nav className="tagline more" aria-label={t("join.more")}>
        <a href="/me">{t("me.title")}</a>
        <a href="/boards">{t("boards.title")}</a>
        <a href="/return">{t("return.link")}</a>
      </nav>
    </Frame>
  );
}

import { useState } from "preact/hooks";
import { AvatarChoice } from "@/components/avatar-choice";
import { AVATARS, type AvatarName } from "@/lib/avatars";
import type { Backend } from "@/lib/backend";
import { isLanguage, LANGUAGES } from "@/lib/messages";
import { type Profile, saveProfile } from "@/lib/people-api";
import { refusalText } from "@/lib/refusal-text";
import { rememberPerson } from "@/lib/remembered-person";
import { useLanguage, useTranslate } from "@/lib/use-speech";

const MOST_CHARS = 20;

interface Props {
  backend: Backend;
  /** The initial values. */
  profile: Partial<Profile>;
  submit: string;
  saved: () => void;
}

/** The fields of a profile. Public boards show the name only when `listed` is on. */
export function ProfileForm({ backend, profile, submit, saved }: Props) {
  const t = useTranslate();
  const spoken = useLanguage();
  const [nickname, setNickname] = useState(profile.nickname ?? "");
  const [avatar, setAvatar] = useState(AVATARS.find((name) => name === profile.avatar) ?? someAvatar());
  const [language, setLanguage] = useState(isLanguage(profile.language) ? profile.language : spoken);
  const [listed, setListed] = useState(profile.listed ?? false);
  const [saving, setSaving] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  async function save(event: SubmitEvent) {
    event.preventDefault();
    if (nickname.trim() === "") return setFault(t("join.nickname.missing"));
    setSaving(true);
    setFault(null);
    try {
      await saveProfile({ nickname, avatar, listed, language }, () => backend.idToken());
      rememberPerson({ uid: backend.uid() ?? "", nickname: nickname.trim(), avatar });
      saved();
    } catch (error) {
      setFault(refusalText(error, t));
    }
    setSaving(false);
  }

  return (
    <form className="profile-form" onSubmit={save} noValidate>
      <label>
        {t("join.nickname")}
        <input
          name="nickname"
          autoComplete="nickname"
          maxLength={MOST_CHARS}
          dir="auto"
          value={nickname}
          onInput={(event) => setNickname(event.currentTarget.value)}
          aria-describedby="profile-hint"
        />
        <small id="profile-hint">{t("me.nickname.hint")}</small>
      </label>
      <AvatarChoice chosen={avatar} choose={setAvatar} />
      <label>
        {t("app.language")}
        <select
          value={language}
          onChange={({ currentTarget: { value } }) => {
            if (isLanguage(value)) setLanguage(value);
          }}
        >
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="switch">
        <input type="checkbox" checked={listed} onChange={(event) => setListed(event.currentTarget.checked)} />
        <span>
          {t("me.listed")}
          <small>{t("me.listed.why")}</small>
        </span>
      </label>
      <button type="submit" className="primary" disabled={saving}>
        {submit}
      </button>
      <p className="fault" role="alert">
        {fault}
      </p>
    </form>
  );
}

function someAvatar(): AvatarName {
  return AVATARS[Math.floor(Math.random() * AVATARS.length)] ?? "fox";
}

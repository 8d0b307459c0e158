import { Avatar } from "@/components/avatar";
import { AVATARS, type AvatarName } from "@/lib/avatars";
import type { MessageName } from "@/lib/messages";
import { useTranslate } from "@/lib/use-speech";

export function AvatarChoice({ chosen, choose }: { chosen: AvatarName; choose: (name: AvatarName) => void }) {
  const t = useTranslate();
  return (
    <fieldset className="avatars">
      <legend>{t("join.avatar")}</legend>
      {AVATARS.map((name) => (
        <label key={name} title={t(`avatar.${name}` as MessageName)}>
          <input type="radio" name="avatar" value={name} checked={name === chosen} onChange={() => choose(name)} />
          <Avatar name={name} size={44} />
          <span className="hidden">{t(`avatar.${name}` as MessageName)}</span>
        </label>
      ))}
    </fieldset>
  );
}

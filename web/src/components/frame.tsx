import type { ComponentChildren } from "preact";
import { device } from "@/lib/device";
import { isLanguage, LANGUAGES, speak } from "@/lib/messages";
import { useLanguage, useTranslate } from "@/lib/use-speech";

interface Props {
  children: ComponentChildren;
  /** What stands before the name in the title of the tab. */
  title?: string;
  aside?: ComponentChildren;
  wide?: boolean;
}

/** What every screen stands in: a way past the header, the name, the language. */
export function Frame({ children, title, aside, wide = false }: Props) {
  const t = useTranslate();
  return (
    <>
      <title>{title ? `${title} · Wordrush` : "Wordrush"}</title>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="top">
        <a className="brand" href="/">
          <BrandMark />
          Wordrush
        </a>
        <div className="aside">{aside ?? <LanguageChoice />}</div>
      </header>
      <main id="content" className={wide ? "wide" : "narrow"} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

export function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path
        d="M6 10l4.5 13L16 12l5.5 11L26 10"
        fill="none"
        stroke="#fff"
        stroke-width="3.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function LanguageChoice() {
  const t = useTranslate();
  const language = useLanguage();
  return (
    <label className="language">
      <span className="hidden">{t("app.language")}</span>
      <select
        value={language}
        onChange={(event) => {
          if (!isLanguage(event.currentTarget.value)) return;
          device.set("language", event.currentTarget.value);
          void speak(event.currentTarget.value);
        }}
      >
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

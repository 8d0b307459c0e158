// What people read, in their language. The rules of plurals and of numbers are the browser's (Intl); what is left is
// a look-up, which is why no library does it.
import { createStore } from "zustand/vanilla";
import { chunk } from "@/lib/chunk";
import en from "@/messages/en.json";

export type Messages = typeof en;
export type MessageName = keyof Messages;
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Values = Record<string, string | number>;

export const LANGUAGES = { en: "English", vi: "Tiếng Việt", de: "Deutsch", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT: ReadonlySet<Language> = new Set(["ar"]);
const load: Record<Language, () => Promise<{ default: Record<string, unknown> }>> = {
  en: async () => ({ default: en }),
  vi: () => chunk(() => import("@/messages/vi.json")),
  de: () => chunk(() => import("@/messages/de.json")),
  ar: () => chunk(() => import("@/messages/ar.json")),
};

export interface Speech {
  language: Language;
  messages: Record<string, unknown>;
}

export const speech = createStore<Speech>(() => ({ language: "en", messages: en }));

export function isLanguage(tag: string | null | undefined): tag is Language {
  return tag !== null && tag !== undefined && tag in LANGUAGES;
}

/** The first of the wished languages (BCP 47 tags) that there are messages for. */
export function bestLanguage(wished: readonly string[]): Language {
  return wished.map((tag) => tag.split("-")[0]).find(isLanguage) ?? "en";
}

export const direction = (language: Language) => (RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr");

/** An address within a sentence that may run from right to left (Unicode's isolates). */
export const leftToRight = (text: string) => `\u2066${text}\u2069`;

export async function speak(language: Language): Promise<void> {
  const found = await load[language]();
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  speech.setState({ language, messages: found.default });
}

export type Translate = (name: MessageName, values?: Values) => string;

/** `values.count` chooses the plural form. A name that a language lacks is said in English. */
export function translator({ language, messages }: Speech): Translate {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (name, values = {}) => {
    const found = (messages[name] ?? en[name]) as string | Plural;
    const text = typeof found === "string" ? found : (found[plurals.select(Number(values["count"]))] ?? found.other);
    return text.replace(/\{(\w+)\}/g, (_, value: string) => {
      const given = values[value];
      return typeof given === "number" ? numbers.format(given) : (given ?? "");
    });
  };
}

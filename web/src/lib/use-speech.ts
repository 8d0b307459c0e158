import { useMemo } from "preact/hooks";
import { type Language, speech, type Translate, translator } from "@/lib/messages";
import { useStore } from "@/lib/use-store";

export function useTranslate(): Translate {
  const spoken = useStore(speech);
  return useMemo(() => translator(spoken), [spoken]);
}

export function useLanguage(): Language {
  return useStore(speech, (spoken) => spoken.language);
}

export function useNumber(): (value: number) => string {
  const language = useLanguage();
  return useMemo(() => {
    const format = new Intl.NumberFormat(language);
    return (value) => format.format(value);
  }, [language]);
}

/** A moment (ms since the epoch) as a date with its time. */
export function useDate(): (at: number) => string {
  const language = useLanguage();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    return (at) => format.format(at);
  }, [language]);
}

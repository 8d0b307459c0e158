import { useMemo } from "react";
import { useStore } from "zustand";
import { type Language, speech, type Translate, translator } from "@/lib/messages";

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

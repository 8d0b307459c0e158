import "@fontsource-variable/lexend/index.css";
import "@/styles/tokens.css";
import "@/styles/base.css";
import { createRoot } from "react-dom/client";
import { App } from "@/app/app";
import { device } from "@/lib/device";
import { bestLanguage, isLanguage, speak } from "@/lib/messages";

const chosen = device.setting("language");
const language = isLanguage(chosen) ? chosen : bestLanguage(navigator.languages);

// The messages first, so that nobody sees one language turn into another; English is there already. When a language
// cannot be fetched, English is better than an empty page.
speak(language)
  .catch(() => speak("en"))
  .then(() => {
    const root = document.getElementById("root");
    if (root) createRoot(root).render(<App />);
  });

import "@fontsource-variable/lexend/index.css";
import "@/styles/tokens.css";
import "@/styles/base.css";
import "@/styles/controls.css";
import "@/styles/join.css";
import { chunk } from "@/lib/chunk";
import { device } from "@/lib/device";
import { bestLanguage, isLanguage, speak } from "@/lib/messages";

// The language is fetched beside the app, which the page's head has asked for already (vite.config.ts): on a slow
// line one after the other costs half a second. It is there first, so that nobody sees one language turn into another;
// when it cannot be fetched, English is better than an empty page.
const app = chunk(() => import("@/app/start"));
const chosen = device.setting("language");
const spoken = speak(isLanguage(chosen) ? chosen : bestLanguage(navigator.languages)).catch(() => speak("en"));
const [{ start }] = await Promise.all([app, spoken]);
start(document.getElementById("root"));

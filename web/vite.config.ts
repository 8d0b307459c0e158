import { defineConfig, type Plugin } from "vite";
import { noPing } from "./build/no-ping.ts";

// `npm run dev -w web` beside `make up`: source .local/env first, and this finds the running stack.
const stack = process.env["WORDRUSH_PUBLIC_URL"];
const APP = "/src/app/start.tsx";

/** Name the app in the page's head, so that it loads beside the small entry that chooses the language. */
function preloadApp(): Plugin {
  return {
    name: "preload-app",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
        const app = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(APP));
        if (!app) return [];
        return [app.fileName, ...app.imports].map((file) => ({
          tag: "link",
          attrs: { rel: "modulepreload", href: `/${file}`, crossorigin: true },
          injectTo: "head",
        }));
      },
    },
  };
}

export default defineConfig({
  plugins: [preloadApp(), noPing()],
  resolve: { alias: { "@": `${import.meta.dirname}/src` } },
  build: { target: "es2022", manifest: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: stack ? { proxy: { "/api": stack, "/__": stack, "/config.json": stack } } : {},
});

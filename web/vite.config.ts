import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev -w web` beside `make up`: source .local/env first, and this finds the running stack.
const stack = process.env["WORDRUSH_PUBLIC_URL"];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": `${import.meta.dirname}/src` } },
  build: { target: "es2022", manifest: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: stack ? { proxy: { "/api": stack, "/__": stack, "/config.json": stack } } : {},
});

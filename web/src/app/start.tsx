import { createRoot } from "react-dom/client";
import { App } from "@/app/app";

export function start(root: HTMLElement | null): void {
  if (root) createRoot(root).render(<App />);
}

import { render } from "preact";
import { App } from "@/app/app";

export function start(root: HTMLElement | null): void {
  if (root) render(<App />, root);
}

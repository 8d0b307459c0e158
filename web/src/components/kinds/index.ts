// The table of question kinds: the twin of functions/quizcore/domain/kinds, held to tests/golden/kinds/names.json.
import type { Kind } from "./kind";
import { multiple } from "./multiple";
import { single } from "./single";
import { text } from "./text";
import { unknown } from "./unknown";

export const kinds: ReadonlyMap<string, Kind> = new Map([
  ["single", single],
  ["multiple", multiple],
  ["text", text],
]);

/** A page can be older than the server: a kind that it does not know is shown as a sentence. */
export const kindOf = (name: string): Kind => kinds.get(name) ?? unknown;

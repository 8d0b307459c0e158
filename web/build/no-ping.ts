import type { Plugin } from "vite";

const MODULE = /webchannel[_-]blob/;
// When a request fails, Closure's WebChannel requests an image of www.google.com, only to count whether the network
// works. `2` is its code for this failure, and for "the network works".
const PING = /if\(\w+==2\)\{[^{}]*\/images\/cleardot\.gif[^{}]*\}else (\w+)\(2\);/g;
const ADDRESS = "cleardot.gif";

/** The module without its request to a third party. Raises Error when the place is not found exactly once. */
export function withoutPing(code: string): string {
  const found = [...code.matchAll(PING)];
  const left = code.replace(PING, (_, count: string) => `${count}(2);`);
  if (found.length !== 1 || left.includes(ADDRESS)) {
    throw new Error(
      "Firestore's WebChannel asks www.google.com in a way that build/no-ping.ts does not know. " +
        `Look for ${ADDRESS} in @firebase/webchannel-wrapper and mend the pattern.`,
    );
  }
  return left;
}

/** Removes the request to a third party from Firestore's SDK, which has no option for it. Fails the build when it cannot. */
export function noPing(): Plugin {
  let taken = false;
  return {
    name: "no-ping",
    apply: "build",
    transform(code, id) {
      if (!MODULE.test(id) || !code.includes(ADDRESS)) return null;
      taken = true;
      return { code: withoutPing(code), map: null };
    },
    generateBundle(_, bundle) {
      const asking = Object.values(bundle).filter((each) => each.type === "chunk" && each.code.includes(ADDRESS));
      if (!taken || asking.length > 0) this.error(`${ADDRESS} was not found where it is, or is still asked for`);
    },
  };
}

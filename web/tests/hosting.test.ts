// firebase.json under the matching of Hosting's own emulator, for every kind of path that there is.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

interface Rule {
  source: string;
  headers: { key: string; value: string }[];
}
const { configMatcher } = createRequire(import.meta.url)("superstatic/lib/utils/patterns");
const { hosting } = JSON.parse(
  readFileSync(new URL("../../firebase.json", import.meta.url), "utf8").replace("BUILT_FILES", "index-1.js|play-2.css"),
);

/** The last rule that names a header wins, in the emulator as in Google's Hosting. */
function headersOf(path: string): Record<string, string> {
  const rules: Rule[] = hosting.headers.filter((rule: Rule) => configMatcher(path, rule));
  return Object.fromEntries(rules.flatMap((rule) => rule.headers.map(({ key, value }) => [key, value])));
}
const rewriteOf = (path: string) => hosting.rewrites.find((rule: Rule) => configMatcher(path, rule));

const SECURITY = ["X-Content-Type-Options", "X-Frame-Options", "Strict-Transport-Security", "Referrer-Policy"];
const PAGES = ["/", "/join", "/play/abc", "/host", "/host/abc", "/host/remote/abc", "/nowhere", "/a.b/.c", "/.hidden"];
const FILES = ["/config.json", "/manifest.webmanifest", "/icons/icon-192.png", "/release.json", "/index.html"];

test.each(PAGES)("%s is the page: under the policy, and asked for anew each time", (path) => {
  const headers = headersOf(path);

  expect(rewriteOf(path)).toMatchObject({ destination: "/index.html" });
  expect(Object.keys(headers)).toEqual(expect.arrayContaining([...SECURITY, "Content-Security-Policy"]));
  expect(headers["Cache-Control"]).toBe("no-cache");
});

test.each(FILES)("%s is asked for anew each time", (path) => {
  expect(headersOf(path)["Cache-Control"]).toBe("no-cache");
});

test.each(["/__/auth/handler", "/__/auth/iframe", "/__/auth/action", "/__/auth/links", "/__/firebase/init.json"])(
  "%s is Google's: none of our headers, and never our page",
  (path) => {
    expect(headersOf(path)).toEqual({});
    expect(rewriteOf(path)).toBeUndefined();
  },
);

test.each(["/assets/index-1.js", "/assets/play-2.css"])("%s was built and is kept for a year", (path) => {
  expect(headersOf(path)["Cache-Control"]).toContain("immutable");
});

test.each(["/assets/index-0.js", "/assets/index-1.js.map", "/assets/deep/index-1.js", "/assets/"])(
  "%s was not built: no page in its place, and nobody keeps the answer",
  (path) => {
    expect(headersOf(path)["Cache-Control"]).toBe("no-store");
    expect(rewriteOf(path)).toBeUndefined();
  },
);

test("the API determines how long its responses are cached", () => {
  const headers = headersOf("/api/v1/join");

  expect(rewriteOf("/api/v1/join")).toMatchObject({ function: { functionId: "api" } });
  expect(Object.keys(headers)).toEqual(expect.arrayContaining(SECURITY));
  expect(headers["Cache-Control"]).toBeUndefined();
  expect(headers["Content-Security-Policy"]).toBeUndefined();
});

test("signing in needs Google's script, one frame, and a popup that the page can observe", () => {
  const headers = headersOf("/host");

  expect(headers["Content-Security-Policy"]).toContain("script-src 'self' https://apis.google.com;");
  expect(headers["Content-Security-Policy"]).toContain("frame-src https://AUTH_DOMAIN;");
  expect(headers["Cross-Origin-Opener-Policy"]).toBe("same-origin-allow-popups");
});

test("a custom domain does not bind its subdomains to HTTPS", () => {
  expect(headersOf("/")["Strict-Transport-Security"]).toBe("max-age=63072000");
});

test("every host that the policy allows is named in docs/security.md", () => {
  const docs = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
  const hosts = [...(headersOf("/")["Content-Security-Policy"] ?? "").matchAll(/https:\/\/([a-z.]+)/g)].map(
    ([, host]) => host,
  );

  expect(hosts).toContain("firestore.googleapis.com");
  expect(hosts.filter((host) => !docs.includes(`\`${host}\``))).toEqual([]);
});

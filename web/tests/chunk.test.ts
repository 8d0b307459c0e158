import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chunk } from "@/lib/chunk";
import { memoryStorage } from "./props";

const gone = new TypeError("Failed to fetch dynamically imported module");
const failing = () => Promise.reject(gone);
const reload = vi.fn();
let build: string;
let answer: () => Promise<Response>;
/** What `chunk` came to, or "never" when it does not settle. */
const outcome = (load: () => Promise<unknown>) =>
  Promise.race([chunk(load).catch((error) => error), new Promise((resolve) => setTimeout(resolve, 20, "never"))]);

beforeEach(() => {
  reload.mockClear();
  build = "index-1.js";
  answer = async () => new Response();
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("document", { querySelector: () => ({ src: build }) });
  vi.stubGlobal("fetch", () => answer());
  vi.stubGlobal("sessionStorage", memoryStorage());
});

afterEach(() => vi.unstubAllGlobals());

test("an existing part is loaded without a reload", async () => {
  expect(await outcome(async () => "part")).toBe("part");
  expect(reload).not.toHaveBeenCalled();
});

test("a missing part reloads the page, and the waiting screen shows no fault", async () => {
  expect(await outcome(failing)).toBe("never");
  expect(reload).toHaveBeenCalledTimes(1);
});

test("a build that was reloaded is not reloaded again, also when builds take turns; a later one is", async () => {
  for (build of ["index-1.js", "index-2.js", "index-1.js", "index-2.js", "index-1.js"]) await outcome(failing);
  expect(reload).toHaveBeenCalledTimes(2);
  expect(await outcome(failing)).toBe(gone);

  build = "index-3.js";
  expect(await outcome(failing)).toBe("never");
  expect(reload).toHaveBeenCalledTimes(3);
});

test.each([
  ["there is no connection", () => Promise.reject(new TypeError("no network"))],
  ["the server is in trouble", async () => new Response(null, { status: 503 })],
])("when %s the page stays as it is", async (_, trouble) => {
  answer = trouble;

  expect(await outcome(failing)).toBe(gone);
  expect(reload).not.toHaveBeenCalled();
});

test("a tab without storage does not reload", async () => {
  vi.stubGlobal("sessionStorage", memoryStorage({ full: true }));

  expect(await outcome(failing)).toBe(gone);
  expect(reload).not.toHaveBeenCalled();
});

const SOURCE = new URL("../src", import.meta.url).pathname;
const WARMING = 'import("@/lib/firebase").catch(() => undefined)';
const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));

test("every awaited part is loaded by chunk", () => {
  const bare = sources.flatMap((name) => {
    const text = readFileSync(join(SOURCE, name), "utf8").replace(WARMING, "");
    return text.split("\n").filter((line) => /\bimport\(/.test(line.replace(/chunk\(\(\) => import\(/g, "")));
  });

  expect(sources.length).toBeGreaterThan(50);
  expect(bare).toEqual([]);
});

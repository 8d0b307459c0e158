import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { withoutPing } from "../build/no-ping";

const found = createRequire(createRequire(import.meta.url).resolve("@firebase/firestore")).resolve(
  "@firebase/webchannel-wrapper/webchannel-blob",
);
const sdk = readFileSync(found, "utf8");

test("the SDK in use asks a third party, and its built copy does not", () => {
  expect(sdk).toContain("//www.google.com/images/cleardot.gif");

  const left = withoutPing(sdk);

  expect(left).not.toContain("google.com/images");
  expect(sdk.length - left.length).toBeLessThan(400);
  expect(() => new Function(left)).not.toThrow();
});

test.each([
  ["is gone", "function R(a,b){J(2);}"],
  ["is there twice", sdk + sdk],
  ["has another form", sdk.replace("if(b==2)", "if(b===2)")],
])("when the place %s the build fails and says where to look", (_, code) => {
  expect(() => withoutPing(code)).toThrow("@firebase/webchannel-wrapper");
});

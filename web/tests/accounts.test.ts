// Messages about accounts, and the device's memory of the account.
import { beforeEach, expect, test, vi } from "vitest";
import { translator } from "@/lib/messages";
import { signInFault } from "@/lib/sign-in-fault";
import en from "@/messages/en.json";
import { memoryStorage } from "./props";

const t = translator({ language: "en", messages: en });
const fault = (code: string) => signInFault(Object.assign(new Error(`Firebase: Error (${code}).`), { code }), t);

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("localStorage", memoryStorage());
  vi.stubGlobal("sessionStorage", memoryStorage());
});

test("nobody learns from a refusal whether an address has an account", () => {
  const codes = ["auth/wrong-password", "auth/user-not-found", "auth/invalid-credential"];

  expect(new Set(codes.map(fault))).toEqual(new Set([en["account.fault.wrong"]]));
});

test("a fault that is not known is told as it is", () => {
  expect(fault("auth/of-tomorrow")).toContain("auth/of-tomorrow");
  expect(signInFault(new Error("boom"), t)).toContain("boom");
});

test("a device remembers who plays on it until that person leaves", async () => {
  const { forgetPerson, rememberedPerson, rememberPerson } = await import("@/lib/remembered-person");
  const person = { uid: "u1", nickname: "Mai", avatar: "bee" };

  expect(rememberedPerson()).toBeNull();
  rememberPerson(person);
  expect(rememberedPerson()).toEqual(person);
  forgetPerson();
  expect(rememberedPerson()).toBeNull();
});

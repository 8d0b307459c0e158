import { beforeEach, expect, test } from "vitest";
import { createAnswerBox, type Submit } from "@/lib/answer-box";
import { type AnswerBody, type Receipt, Refused, Unanswered } from "@/lib/api";
import { createDevice, type Device } from "@/lib/device";
import { memoryStorage } from "./props";

const BODY: AnswerBody = { question_index: 0, choices: [1] };
const RECEIPT: Receipt = { receipt: "r1", received_at: 5 };

interface Try {
  body: AnswerBody;
  key: string;
  onRetry: () => void;
  resolve: (receipt: Receipt) => void;
  reject: (error: Error) => void;
}

let tries: Try[];
let storage: Storage;
let device: Device;
let keys: number;
const submit: Submit = (body, { key, onRetry }) =>
  new Promise((resolve, reject) => tries.push({ body, key, onRetry, resolve, reject }));
const newBox = () => createAnswerBox("s1", createDevice(storage), submit, () => `key-${++keys}`);
const last = () => tries.at(-1) as Try;

beforeEach(() => {
  tries = [];
  keys = 0;
  storage = memoryStorage();
  device = createDevice(storage);
});

test("an answer is kept on the device before it is sent, and recorded with the receipt", async () => {
  const box = newBox();
  const given = box.give(BODY, 1_000);

  expect(device.answers("s1")["0"]).toEqual({ key: "key-1", body: BODY, receipt: null });
  expect(box.store.getState()[0]?.status).toEqual({ is: "sending", retrying: false });
  last().resolve(RECEIPT);
  await given;
  expect(box.store.getState()[0]?.status).toEqual({ is: "recorded" });
  expect(device.answers("s1")["0"]?.receipt).toEqual(RECEIPT);
});

test("a second answer to the same question is not sent", async () => {
  const box = newBox();
  void box.give(BODY, 1_000);
  await box.give({ question_index: 0, choices: [2] }, 1_000);

  expect(tries).toHaveLength(1);
});

test("after a reload the answer is sent again with the same key", async () => {
  void newBox().give(BODY, 1_000);
  const reloaded = newBox();
  expect(reloaded.store.getState()[0]?.status).toEqual({ is: "unconfirmed" });

  const resumed = reloaded.resume(0, 1_000);
  expect(tries.map(({ key, body }) => [key, body])).toEqual([
    ["key-1", BODY],
    ["key-1", BODY],
  ]);
  last().resolve(RECEIPT);
  await resumed;
  expect(reloaded.store.getState()[0]?.status).toEqual({ is: "recorded" });
});

test("an answer with a receipt is not sent again after a reload", async () => {
  const given = newBox().give(BODY, 1_000);
  last().resolve(RECEIPT);
  await given;
  const reloaded = newBox();
  await reloaded.resume(0, 1_000);

  expect(tries).toHaveLength(1);
  expect(reloaded.store.getState()[0]?.status).toEqual({ is: "recorded" });
});

test("the screen can show a retry", () => {
  const box = newBox();
  void box.give(BODY, 1_000);
  last().onRetry();

  expect(box.store.getState()[0]?.status).toEqual({ is: "sending", retrying: true });
});

test.each([
  ["refused at the first try", false, new Refused("not_open", "over"), "refused"],
  ["refused after a try that may have counted", true, new Refused("not_open", "over"), "unconfirmed"],
  ["already answered after a try that may have counted", true, new Refused("already_answered", "x"), "unconfirmed"],
  ["refused for another reason after a retry", true, new Refused("forbidden", "removed"), "refused"],
  ["never answered", false, new Unanswered("nothing"), "unconfirmed"],
])("%s", async (_, retried, error, expected) => {
  const box = newBox();
  const given = box.give(BODY, 1_000);
  if (retried) last().onRetry();
  last().reject(error);
  await given;

  expect(box.store.getState()[0]?.status.is).toBe(expected);
});

test("an answer given in another tab is found", async () => {
  const box = newBox();
  device.keep("s1", { key: "other", body: BODY, receipt: RECEIPT });
  box.reread();

  expect(box.store.getState()[0]?.status).toEqual({ is: "recorded" });
  await box.give({ question_index: 0, choices: [3] }, 1_000);
  expect(tries).toHaveLength(0);
});

import { expect, test } from "vitest";
import { createDevice, type Seat } from "@/lib/device";
import { memoryStorage } from "./props";

const seat = (session_id: string): Seat => ({
  session_id,
  player_id: "p",
  pin: "123456",
  nickname: "Ann",
  avatar: "fox",
});
const answer = { key: "k", body: { question_index: 0, text: "start" }, receipt: null };

test("a seat and its answers survive a reload", () => {
  const storage = memoryStorage();
  createDevice(storage).sit(seat("s1"));
  createDevice(storage).keep("s1", answer);
  const reloaded = createDevice(storage);

  expect(reloaded.seats()).toEqual([seat("s1")]);
  expect(reloaded.answers("s1")).toEqual({ "0": answer });
});

test("the newest seat comes first, and only the last five games are kept", () => {
  const device = createDevice(memoryStorage());
  for (const id of ["s1", "s2", "s3", "s4", "s5", "s6"]) {
    device.sit(seat(id));
    device.keep(id, answer);
  }

  expect(device.seats().map(({ session_id }) => session_id)).toEqual(["s6", "s5", "s4", "s3", "s2"]);
  expect(device.answers("s1")).toEqual({});
  expect(device.answers("s2")).not.toEqual({});
});

test("a device without storage remembers until the page closes", () => {
  const device = createDevice(memoryStorage({ full: true }));
  device.sit(seat("s1"));

  expect(device.seats()).toEqual([seat("s1")]);
});

test("unreadable stored data does no harm", () => {
  const storage = memoryStorage();
  storage.setItem("wordrush.seats", '[{"session_id": 1}]');
  storage.setItem("wordrush.answers.s1", "not json");

  expect(createDevice(storage).seats()).toEqual([]);
  expect(createDevice(storage).answers("s1")).toEqual({});
});

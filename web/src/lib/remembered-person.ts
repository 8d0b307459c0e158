// The person of this device's account, so that the join form knows the name without loading Firebase.
import * as v from "valibot";
import { device } from "@/lib/device";

const shape = v.object({ uid: v.string(), nickname: v.string(), avatar: v.string() });
const NAME = "person";

export type RememberedPerson = v.InferOutput<typeof shape>;

export const rememberedPerson = (): RememberedPerson | null => device.recall(NAME, shape);
export const rememberPerson = (person: RememberedPerson) => device.set(NAME, JSON.stringify(person));
export const forgetPerson = () => device.set(NAME, "null");

// The HTTP calls of people, classes and leaderboards.
import * as v from "valibot";
import { get, post, type Schemas, shapeOf, type Token } from "@/lib/api";
import { freshKey } from "@/lib/ids";

const CHANGE_MS = 20_000;

export type Profile = Required<Schemas["ProfileBody"]>;

const returnCodeShape = shapeOf<"ReturnCode">()(v.object({ code: v.string(), expires_at: v.number() }));
const returnedShape = shapeOf<"PlayerReturned">()(
  v.object({ session_id: v.string(), player_id: v.string(), token: v.string() }),
);
const ownClassesShape = shapeOf<"OwnClasses">()(
  v.object({
    classes: v.array(
      v.object({
        class_id: v.string(),
        title: v.string(),
        zone: v.string(),
        code: v.string(),
        created_at: v.number(),
      }),
    ),
  }),
);
const codeShape = shapeOf<"ClassCode">()(v.object({ code: v.string() }));
const madeClassShape = shapeOf<"ClassMade">()(v.object({ class_id: v.string(), code: v.string() }));
const rowShape = v.object({
  rank: v.number(),
  who: v.string(),
  nickname: v.string(),
  avatar: v.string(),
  points: v.number(),
  reached_at: v.number(),
});
const boardViewShape = shapeOf<"BoardView">()(
  v.object({
    board: v.string(),
    period: v.string(),
    as_of: v.number(),
    people: v.number(),
    top: v.array(rowShape),
    own: v.nullable(v.object({ rank: v.number(), points: v.number(), games: v.number(), reached_at: v.number() })),
    rows: v.array(rowShape),
  }),
);

export type ReturnCode = Schemas["ReturnCode"];
export type OwnClass = Schemas["OwnClass"];

export async function saveProfile(profile: Profile, token: Token): Promise<void> {
  await post({ path: "/me", method: "PUT", body: profile, key: freshKey(), token, forMs: CHANGE_MS });
}

/** Everything that is held about the person. */
export function exported(token: Token): Promise<unknown> {
  return get("/me/export", token);
}

export async function deleteMe(token: Token): Promise<void> {
  await post({ path: "/me", method: "DELETE", key: freshKey(), token, forMs: CHANGE_MS });
}

/** Count a guest's game for the caller. */
export async function keepGame(sessionId: string, guestToken: string, token: Token): Promise<void> {
  const body = { session_id: sessionId, guest_token: guestToken };
  await post({ path: "/me/kept", body, key: freshKey(), token, forMs: CHANGE_MS });
}

export async function returnCode(sessionId: string, token: Token): Promise<ReturnCode> {
  const path = `/sessions/${sessionId}/return-code`;
  return v.parse(returnCodeShape, await post({ path, body: {}, key: freshKey(), token, forMs: CHANGE_MS }));
}

export async function comeBack(code: string, key: string): Promise<Schemas["PlayerReturned"]> {
  return v.parse(returnedShape, await post({ path: "/return", body: { code }, key, forMs: CHANGE_MS }));
}

export async function joinClass(code: string, token: Token): Promise<void> {
  await post({ path: "/classes/join", body: { code }, key: freshKey(), token, forMs: CHANGE_MS });
}

export async function ownClasses(token: Token): Promise<OwnClass[]> {
  return v.parse(ownClassesShape, await get("/classes", token)).classes;
}

export async function makeClass(title: string, zone: string, key: string, token: Token): Promise<string> {
  const body = { title, zone };
  return v.parse(madeClassShape, await post({ path: "/classes", body, key, token, forMs: CHANGE_MS })).class_id;
}

export async function newClassCode(classId: string, token: Token): Promise<string> {
  const path = `/classes/${classId}/code`;
  return v.parse(codeShape, await post({ path, body: {}, key: freshKey(), token, forMs: CHANGE_MS })).code;
}

/** Delete a class with its memberships and its board. */
export async function deleteClass(classId: string, token: Token): Promise<void> {
  await post({ path: `/classes/${classId}`, method: "DELETE", key: freshKey(), token, forMs: CHANGE_MS });
}

/** End a membership; for the class's owner and for the member. */
export async function leaveClass(classId: string, uid: string, token: Token): Promise<void> {
  const path = `/classes/${classId}/members/${encodeURIComponent(uid)}`;
  await post({ path, method: "DELETE", key: freshKey(), token, forMs: CHANGE_MS });
}

/** The rows just above and below the caller's; none on the board of a quiz. */
export async function around(board: string, period: string, token: Token): Promise<Schemas["BoardRow"][]> {
  return v.parse(boardViewShape, await get(`/boards/${board}/standings?period=${period}`, token)).rows;
}

// The pictures a player can choose. The name travels; the drawing is ours (components/avatar.tsx).
export interface Face {
  base: string;
  light: string;
  ears: "pointed" | "round" | "long" | "tufts" | "bulbs" | "antennae" | "none";
  nose: "snout" | "beak" | "none";
  marks: "cheeks" | "patches" | "stripes" | "belly" | "none";
}

export const FACES = {
  fox: { base: "#d9622b", light: "#fff1e4", ears: "pointed", nose: "snout", marks: "cheeks" },
  cat: { base: "#6b7a90", light: "#e9edf3", ears: "pointed", nose: "snout", marks: "stripes" },
  bear: { base: "#8a5a3c", light: "#e8cfb8", ears: "round", nose: "snout", marks: "none" },
  rabbit: { base: "#c9b8d8", light: "#fbeef4", ears: "long", nose: "snout", marks: "none" },
  owl: { base: "#7b5ea7", light: "#efe6fb", ears: "tufts", nose: "beak", marks: "patches" },
  frog: { base: "#4f9d52", light: "#dcf3d5", ears: "bulbs", nose: "none", marks: "belly" },
  panda: { base: "#f4f4f1", light: "#ffffff", ears: "round", nose: "snout", marks: "patches" },
  penguin: { base: "#2f3e5c", light: "#ffffff", ears: "none", nose: "beak", marks: "cheeks" },
  tiger: { base: "#e8992e", light: "#fff3dd", ears: "round", nose: "snout", marks: "stripes" },
  koala: { base: "#8f99a8", light: "#e4e8ee", ears: "round", nose: "snout", marks: "belly" },
  whale: { base: "#3b82c4", light: "#d9ecfb", ears: "none", nose: "none", marks: "belly" },
  bee: { base: "#f2c230", light: "#fff6d6", ears: "antennae", nose: "none", marks: "stripes" },
} as const satisfies Record<string, Face>;

export type AvatarName = keyof typeof FACES;
export const AVATARS = Object.keys(FACES) as AvatarName[];

export function faceOf(name: string | null): Face {
  return name !== null && name in FACES ? FACES[name as AvatarName] : FACES.fox;
}

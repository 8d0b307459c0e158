import { type Face, faceOf } from "@/lib/avatars";

const DARK = "#241f3d";

/** A decoration beside a name; it says nothing that the name does not. */
export function Avatar({ name, size = 40 }: { name: string | null; size?: number }) {
  if (name === "") return <Nobody size={size} />;
  const face = faceOf(name);
  return (
    <svg className="avatar" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <Ears face={face} />
      <circle cx="32" cy="36" r="22" fill={face.base} stroke="rgb(36 31 61 / 22%)" />
      <Marks face={face} />
      <circle cx="24" cy="33" r="3.2" fill={DARK} />
      <circle cx="40" cy="33" r="3.2" fill={DARK} />
      <circle cx="25" cy="32" r="1" fill="#fff" />
      <circle cx="41" cy="32" r="1" fill="#fff" />
      <Nose face={face} />
    </svg>
  );
}

/** The picture of a person who is not listed. */
function Nobody({ size }: { size: number }) {
  return (
    <svg className="avatar" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <circle cx="32" cy="36" r="22" fill="var(--line)" />
      <circle cx="32" cy="30" r="7" fill="var(--quiet)" />
      <path d="M18 50a14 12 0 0 1 28 0 22 22 0 0 1-28 0z" fill="var(--quiet)" />
    </svg>
  );
}

function Ears({ face: { ears, base, light } }: { face: Face }) {
  const fill = ears === "round" && base === "#f4f4f1" ? DARK : base;
  switch (ears) {
    case "pointed":
      return <path d="M12 30 14 6l18 12zM52 30 50 6 32 18z" fill={fill} />;
    case "tufts":
      return <path d="M14 26 10 10l16 8zM50 26l4-16-16 8z" fill={fill} />;
    case "round":
      return (
        <>
          <circle cx="14" cy="19" r="9" fill={fill} />
          <circle cx="50" cy="19" r="9" fill={fill} />
          <circle cx="14" cy="19" r="4.5" fill={light} opacity="0.7" />
          <circle cx="50" cy="19" r="4.5" fill={light} opacity="0.7" />
        </>
      );
    case "long":
      return (
        <>
          <ellipse cx="22" cy="14" rx="6" ry="14" fill={fill} />
          <ellipse cx="42" cy="14" rx="6" ry="14" fill={fill} />
          <ellipse cx="22" cy="15" rx="2.6" ry="9" fill={light} />
          <ellipse cx="42" cy="15" rx="2.6" ry="9" fill={light} />
        </>
      );
    case "bulbs":
      return (
        <>
          <circle cx="22" cy="17" r="8" fill={fill} />
          <circle cx="42" cy="17" r="8" fill={fill} />
        </>
      );
    case "antennae":
      return <path d="M24 18 18 6M40 18 46 6" stroke={DARK} stroke-width="3" stroke-linecap="round" />;
    case "none":
      return null;
  }
}

function Marks({ face: { marks, light, base } }: { face: Face }) {
  switch (marks) {
    case "cheeks":
      return <path d="M32 40C24 28 11 30 10 36a22 22 0 0 0 44 0c-1-6-14-8-22 4z" fill={light} />;
    case "patches": {
      const fill = base === "#f4f4f1" ? DARK : light;
      return (
        <g fill={fill} opacity={base === "#f4f4f1" ? 0.35 : 1}>
          <ellipse cx="24" cy="33" rx="7" ry="8" />
          <ellipse cx="40" cy="33" rx="7" ry="8" />
        </g>
      );
    }
    case "stripes":
      return (
        <path
          d="M32 15v9M23 17l2 6M41 17l-2 6M11 38h7M53 38h-7"
          stroke={DARK}
          stroke-width="2.6"
          stroke-linecap="round"
        />
      );
    case "belly":
      return <ellipse cx="32" cy="48" rx="14" ry="8" fill={light} />;
    case "none":
      return <ellipse cx="32" cy="44" rx="10" ry="8" fill={light} />;
  }
}

function Nose({ face: { nose } }: { face: Face }) {
  if (nose === "beak") return <path d="M28 38h8l-4 7z" fill="#f0a52b" />;
  if (nose === "snout") {
    return (
      <>
        <ellipse cx="32" cy="41" rx="3.4" ry="2.5" fill={DARK} />
        <path
          d="M32 43v3M32 46q-4 4-7 1M32 46q4 4 7 1"
          stroke={DARK}
          stroke-width="1.6"
          fill="none"
          stroke-linecap="round"
        />
      </>
    );
  }
  return <path d="M25 43q7 6 14 0" stroke={DARK} stroke-width="2" fill="none" stroke-linecap="round" />;
}

// A choice is known by its shape, its letter and its colour, so that colour is never the only sign.
const SHAPES = [
  "M32 8 60 56H4z",
  "M32 4 60 32 32 60 4 32z",
  "M32 6a26 26 0 1 1 0 52 26 26 0 0 1 0-52z",
  "M8 8h48v48H8z",
  "M32 4 60 25 49 58H15L4 25z",
  "M32 4l8 18 20 2-15 13 4 20-17-10-17 10 4-20L4 24l20-2z",
  "M18 6h28l14 26-14 26H18L4 32z",
  "M22 6h20v16h16v20H42v16H22V42H6V22h16z",
];

export const letterOf = (index: number) => String.fromCharCode(65 + index);

export function ChoiceBadge({ index }: { index: number }) {
  return (
    <span className="badge" data-choice={index % SHAPES.length}>
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <path d={SHAPES[index % SHAPES.length]} />
      </svg>
      <b>{letterOf(index)}</b>
    </span>
  );
}

/** What changed, for whoever does not see it. */
export function Announcer({ text }: { text: string }) {
  return (
    <p className="hidden" aria-live="polite" aria-atomic="true">
      {text}
    </p>
  );
}

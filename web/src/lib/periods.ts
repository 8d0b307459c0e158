// The ids of a board's periods: the day, ISO week and month of an instant in the board's time zone.

export const SPANS = ["day", "week", "month", "all"] as const;
export type Span = (typeof SPANS)[number];

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
const THURSDAY = 4;

export function isSpan(name: string | null): name is Span {
  return SPANS.includes(name as Span);
}

/** `at` in ms since the epoch; `zone` an IANA time zone. Raises RangeError for an unknown zone. */
export function periodOf(span: Span, at: number, zone = "UTC"): string {
  if (span === "all") return "all";
  const date = dateOf(at, zone);
  if (span === "day") return `day-${date}`;
  return span === "month" ? `month-${date.slice(0, "yyyy-mm".length)}` : `week-${weekOf(date)}`;
}

/** As yyyy-mm-dd. */
function dateOf(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
}

/** ISO 8601: a week begins on Monday and belongs to the year of its Thursday. */
function weekOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  const thursday = new Date(day.getTime() + (THURSDAY - (day.getUTCDay() || WEEK_DAYS)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (WEEK_DAYS * DAY_MS));
  return `${year}-W${String(week).padStart(2, "0")}`;
}

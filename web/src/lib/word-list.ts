// What a player takes away: every question with its answers, as rows and as CSV (RFC 4180).
import { answerWords } from "@/lib/answer-words";
import type { RevealedQuestion } from "@/lib/api";
import type { Graded } from "@/lib/documents";

export interface Reviewed {
  question: RevealedQuestion;
  graded: Graded | undefined;
  /** The right answer in words. */
  answer: string;
  /** The own answer in words, empty for none. */
  yours: string;
}

const FORMULA = /^[=+\-@\t\r]/;

export function reviewOf(questions: readonly RevealedQuestion[], answers: Record<string, Graded>): Reviewed[] {
  return questions.map((question) => {
    const graded = answers[String(question.index)];
    const answer = answerWords(question.choices, question.key);
    return { question, graded, answer, yours: graded?.text ?? answerWords(question.choices, graded?.choices ?? []) };
  });
}

export const missedOf = (reviewed: readonly Reviewed[]) => reviewed.filter(({ graded }) => !graded?.correct);

export function asText(reviewed: readonly Reviewed[]): string {
  return reviewed.map(({ question, answer }) => `${question.prompt} — ${answer}`).join("\n");
}

/** With a byte order mark, which spreadsheets need to see UTF-8. A cell never becomes a formula. */
export function asCsv(header: readonly string[], reviewed: readonly Reviewed[]): string {
  const rows = reviewed.map(({ question, answer, yours }) => [
    question.prompt,
    answer,
    yours,
    question.explanation ?? "",
  ]);
  return `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

import * as v from "valibot";
import type { Backend, Found } from "@/lib/backend";
import { type Quiz, quizShape, quizzesPath } from "@/lib/documents";

const MOST_LISTED = 500;

export interface ListedQuiz extends Quiz {
  id: string;
}

/** Public quizzes and the host's own, by title. */
export async function listQuizzes(backend: Backend): Promise<ListedQuiz[]> {
  const [open, own] = await Promise.all([
    backend.find(quizzesPath, [["visibility", "public"]], MOST_LISTED),
    backend.find(quizzesPath, [["owner_id", backend.uid() ?? ""]], MOST_LISTED),
  ]);
  const byId = new Map([...open, ...own].flatMap(read));
  return [...byId.values()].sort((one, other) => one.title.localeCompare(other.title));
}

/** One unreadable quiz must not hide the others. */
function read({ id, data }: Found): [string, ListedQuiz][] {
  const found = v.safeParse(quizShape, data);
  return found.success ? [[id, { ...found.output, id }]] : [];
}

export function matching(quizzes: readonly ListedQuiz[], search: string): ListedQuiz[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  return quizzes.filter((quiz) => {
    const text = fold(`${quiz.title} ${quiz.description} ${quiz.level} ${quiz.language}`);
    return words.every((word) => text.includes(word));
  });
}

/** Case and accents do not matter to somebody who searches. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

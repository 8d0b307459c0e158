import { useEffect, useState } from "preact/hooks";
import * as v from "valibot";
import { useLocation } from "wouter-preact";
import type { Backend } from "@/lib/backend";
import { quizShape } from "@/lib/documents";
import {
  classBoard,
  GLOBAL_BOARD,
  membershipShape,
  membershipsPath,
  type Person,
  QUIZZES_BOARD,
  quizBoard,
} from "@/lib/people-documents";
import { useCollection } from "@/lib/use-collection";
import { useTranslate } from "@/lib/use-speech";

const MOST_CLASSES = 50;
const MOST_QUIZZES = 20;

interface Props {
  backend: Backend;
  uid: string | null;
  person: Person | null;
  /** The board that is shown. */
  name: string;
}

/** A choice of the global board, the person's classes, and the quizzes that the person has played. */
export function BoardChoice({ backend, uid, person, name }: Props) {
  const t = useTranslate();
  const [, go] = useLocation();
  const classes = useCollection(backend, uid === null ? null : membershipsPath(uid), membershipShape, MOST_CLASSES);
  const quizzes = useTitles(backend, quizzesOf(person, name));
  const known = [
    { board: GLOBAL_BOARD, title: t("boards.global") },
    { board: QUIZZES_BOARD, title: t("boards.trending") },
    ...(classes ?? []).map(({ id, title }) => ({ board: classBoard(id), title: t("boards.class", { title }) })),
    ...quizzes.map(({ id, title }) => ({ board: quizBoard(id), title: t("boards.quiz", { title }) })),
  ];
  // The title is unknown for a class whose member the person is not, and for a private quiz.
  const shown = known.some(({ board }) => board === name)
    ? known
    : [...known, { board: name, title: t("boards.this") }];
  return (
    <label>
      <span className="hidden">{t("boards.choose")}</span>
      <select value={name} onChange={(event) => go(`/boards/${event.currentTarget.value}`)}>
        {shown.map(({ board, title }) => (
          <option key={board} value={board}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The quizzes of the boards with the person's results, and of the board that is shown; as JSON. */
function quizzesOf(person: Person | null, name: string): string {
  const prefix = quizBoard("");
  const ids = [name, ...Object.keys(person?.totals ?? {})]
    .filter((board) => board.startsWith(prefix))
    .map((board) => board.slice(prefix.length));
  return JSON.stringify([...new Set(ids)].slice(0, MOST_QUIZZES));
}

interface Titled {
  id: string;
  title: string;
}

/** `ids`: as JSON, so that the same ids are the same value. A quiz that may not be read is left out. */
function useTitles(backend: Backend, ids: string): Titled[] {
  const [titles, setTitles] = useState<Titled[]>([]);
  useEffect(() => {
    let gone = false;
    const each = (id: string) =>
      backend.get(`quizzes/${id}`).then(
        (data): Titled[] => {
          const quiz = v.safeParse(quizShape, data);
          return quiz.success ? [{ id, title: quiz.output.title }] : [];
        },
        (): Titled[] => [],
      );
    void Promise.all((JSON.parse(ids) as string[]).map(each)).then((found) => !gone && setTitles(found.flat()));
    return () => {
      gone = true;
    };
  }, [backend, ids]);
  return titles;
}

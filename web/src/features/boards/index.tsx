import "@/styles/boards.css";
import { useState } from "preact/hooks";
import { useSearch } from "wouter-preact";
import { Frame } from "@/components/frame";
import { Leaderboard } from "@/components/leaderboard";
import {
  classBoard,
  classPath,
  classShape,
  GLOBAL_BOARD,
  personPath,
  personShape,
  QUIZZES_BOARD,
} from "@/lib/people-documents";
import { isSpan, type Span } from "@/lib/periods";
import { useDocument } from "@/lib/use-document";
import { useTranslate } from "@/lib/use-speech";
import { BoardChoice } from "./board-choice";
import { useReader } from "./use-reader";

const UTC = "UTC";

/** Boards over time, of everybody, of a quiz, of a class. */
export default function Boards({ board }: { board: string | null }) {
  const t = useTranslate();
  const name = board ?? GLOBAL_BOARD;
  const asked = new URLSearchParams(useSearch()).get("period");
  const [span, setSpan] = useState<Span>(isSpan(asked) ? asked : "week");
  const { backend, uid, failed } = useReader();
  const { value: person } = useDocument(backend, uid === null ? null : personPath(uid), personShape);
  const classId = name.startsWith(classBoard("")) ? name.slice(classBoard("").length) : null;
  const { value: ofClass } = useDocument(backend, classId === null ? null : classPath(classId), classShape);
  const choose = (next: Span) => {
    setSpan(next);
    // A reload and a copied link show the same period.
    history.replaceState(null, "", `?period=${next}`);
  };
  return (
    <Frame title={t("boards.title")}>
      <div className="boards">
        <h1>{t("boards.title")}</h1>
        {failed && <p role="alert">{t("boards.failed")}</p>}
        {!backend && !failed && <p className="quiet">{t("app.loading")}</p>}
        {backend && (
          <>
            <BoardChoice backend={backend} uid={uid} person={person ?? null} name={name} />
            {(classId === null || ofClass !== undefined) && (
              <Leaderboard
                key={name}
                backend={backend}
                name={name}
                zone={ofClass?.zone ?? UTC}
                me={uid !== null && person ? { uid, person } : null}
                span={span}
                choose={choose}
              />
            )}
            {(uid === null || person === null) && name !== QUIZZES_BOARD && (
              <p className="centre">
                <a className="button" href="/me">
                  {t("boards.signIn")}
                </a>
              </p>
            )}
          </>
        )}
      </div>
    </Frame>
  );
}

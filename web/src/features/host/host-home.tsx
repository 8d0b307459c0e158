import { useEffect, useState } from "preact/hooks";
import { Frame } from "@/components/frame";
import { type OwnSession, ownSessions } from "@/lib/api";
import type { Backend } from "@/lib/backend";
import type { MessageName } from "@/lib/messages";
import { refusalText } from "@/lib/refusal-text";
import { useTranslate } from "@/lib/use-speech";
import { OpenForm } from "./open-form";
import { type ListedQuiz, listQuizzes, matching } from "./quizzes";

const GAMES_SHOWN = 5;

/** A quiz to choose, and the games that are going on. `to`: where a chosen game continues. */
export function HostHome({ backend, to }: { backend: Backend; to: "/host" | "/host/remote" }) {
  const t = useTranslate();
  const [chosen, setChosen] = useState<ListedQuiz | null>(null);
  return (
    <Frame wide title={t("join.host")}>
      {chosen ? (
        <OpenForm backend={backend} quiz={chosen} back={() => setChosen(null)} />
      ) : (
        <div className="host-home">
          <OwnGames backend={backend} to={to} />
          {to === "/host" && (
            <p>
              <a className="button" href="/host/classes">
                {t("class.all")}
              </a>
            </p>
          )}
          {to === "/host" && <Quizzes backend={backend} choose={setChosen} />}
          <p className="quiet">
            {backend.email()}{" "}
            <button type="button" className="plain" onClick={() => backend.signOut().then(() => location.reload())}>
              {t("account.signOut")}
            </button>
          </p>
        </div>
      )}
    </Frame>
  );
}

function Quizzes({ backend, choose }: { backend: Backend; choose: (quiz: ListedQuiz) => void }) {
  const t = useTranslate();
  const [quizzes, setQuizzes] = useState<ListedQuiz[] | "failed" | null>(null);
  const [search, setSearch] = useState("");
  useEffect(() => void listQuizzes(backend).then(setQuizzes, () => setQuizzes("failed")), [backend]);
  const found = Array.isArray(quizzes) ? matching(quizzes, search) : [];
  return (
    <section className="quizzes">
      <h1>{t("host.quizzes")}</h1>
      <label>
        <span className="hidden">{t("host.search")}</span>
        <input
          type="search"
          placeholder={t("host.search")}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      {quizzes === null && <p className="quiet">{t("app.loading")}</p>}
      {quizzes === "failed" && <p role="alert">{t("host.quizzes.failed")}</p>}
      {Array.isArray(quizzes) && found.length === 0 && <p role="status">{t("host.quizzes.none")}</p>}
      <ul>
        {found.map((quiz) => (
          <li key={quiz.id}>
            <button type="button" className="quiz" onClick={() => choose(quiz)}>
              <b lang={quiz.language} dir="auto">
                {quiz.title}
              </b>
              <span lang={quiz.language} dir="auto">
                {quiz.description}
              </span>
              <small>
                {[quiz.language, quiz.level, t("host.questions", { count: quiz.question_count })]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OwnGames({ backend, to }: { backend: Backend; to: string }) {
  const t = useTranslate();
  const [sessions, setSessions] = useState<OwnSession[]>([]);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => void ownSessions(() => backend.idToken()).then(setSessions, setFault), [backend]);
  if (fault !== null) return <p role="alert">{refusalText(fault, t)}</p>;
  if (sessions.length === 0) return null;
  return (
    <section className="own-games">
      <h2>{t("host.sessions")}</h2>
      <ul>
        {sessions.slice(0, GAMES_SHOWN).map((session) => (
          <li key={session.session_id}>
            <a href={`${to}/${session.session_id}`}>
              <b dir="auto">{session.title}</b>
              <small>
                {session.pin} · {t(`host.state.${session.state}` as MessageName)} ·{" "}
                {t("lobby.players", { count: session.player_count })}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

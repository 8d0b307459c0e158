import type { TargetedSubmitEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { openSession } from "@/lib/api";
import type { Backend } from "@/lib/backend";
import type { Options } from "@/lib/documents";
import { freshKey } from "@/lib/ids";
import { refusalText } from "@/lib/refusal-text";
import { useTranslate } from "@/lib/use-speech";
import type { ListedQuiz } from "./quizzes";
import { useOwnClasses } from "./use-own-classes";

const LEAD_SECONDS = 3;
const LEAD_MOST = 30;
const PLAYERS_USUAL = 30;
const PLAYERS_MOST = 1_000_000;
const SCORINGS = ["classic", "flat", "none"] as const satisfies Options["scoring"][];
const REVEALS = ["on_close", "on_answer"] as const satisfies Options["reveal"][];

export function OpenForm({ backend, quiz, back }: { backend: Backend; quiz: ListedQuiz; back: () => void }) {
  const t = useTranslate();
  const [, go] = useLocation();
  const [opening, setOpening] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  // One game however often the button is pressed.
  const key = useRef(freshKey());

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    setOpening(true);
    try {
      const form = new FormData(event.currentTarget);
      const opening = {
        quiz_id: quiz.id,
        options: optionsOf(form),
        expected_players: Number(form.get("players")),
        class_id: form.get("class") ? String(form.get("class")) : null,
      };
      const opened = await openSession(opening, key.current, () => backend.idToken());
      go(`/host/${opened.session_id}`);
    } catch (error) {
      setOpening(false);
      setFault(refusalText(error, t));
    }
  }

  return (
    <form className="card open-form" onSubmit={submit}>
      <h1 lang={quiz.language} dir="auto">
        {quiz.title}
      </h1>
      <p className="quiet">{t("host.questions", { count: quiz.question_count })}</p>
      <h2>{t("host.options")}</h2>
      <ClassChoice backend={backend} />
      <label>
        {t("host.scoring")}
        <select name="scoring">
          {SCORINGS.map((each) => (
            <option key={each} value={each}>
              {t(`host.scoring.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("host.reveal")}
        <select name="reveal">
          {REVEALS.map((each) => (
            <option key={each} value={each}>
              {t(`host.reveal.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("host.lead")}
        <input name="lead" type="number" min={0} max={LEAD_MOST} defaultValue={LEAD_SECONDS} required />
      </label>
      <label>
        {t("host.players")}
        <input name="players" type="number" min={1} max={PLAYERS_MOST} defaultValue={PLAYERS_USUAL} required />
      </label>
      <Switch name="streak_bonus" label={t("host.streakBonus")} />
      <Switch name="auto_advance" label={t("host.autoAdvance")} />
      <Switch name="auto_close" label={t("host.autoClose")} on />
      <Switch name="late_join" label={t("host.lateJoin")} on />
      <Switch name="approval" label={t("host.approval")} />
      <Switch name="board_hidden" label={t("host.boardHidden")} />
      <p className="buttons">
        <button type="submit" className="primary" disabled={opening}>
          {t(opening ? "host.opening" : "host.open")}
        </button>
        <button type="button" onClick={back}>
          {t("host.back")}
        </button>
      </p>
      <p className="fault" role="alert">
        {fault}
      </p>
    </form>
  );
}

/** The class whose board counts the game; hidden for a host without classes. */
function ClassChoice({ backend }: { backend: Backend }) {
  const t = useTranslate();
  const { classes } = useOwnClasses(backend);
  if (!classes?.length) return null;
  return (
    <label>
      {t("host.class")}
      <select name="class">
        <option value="">{t("host.class.none")}</option>
        {classes.map(({ class_id, title }) => (
          <option key={class_id} value={class_id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function optionsOf(form: FormData): Partial<Options> {
  return {
    scoring: form.get("scoring") as Options["scoring"],
    reveal: form.get("reveal") as Options["reveal"],
    lead_ms: Number(form.get("lead")) * 1000,
    streak_bonus: form.has("streak_bonus"),
    auto_advance: form.has("auto_advance"),
    auto_close: form.has("auto_close"),
    late_join: form.has("late_join"),
    approval: form.has("approval"),
    board_hidden: form.has("board_hidden"),
  };
}

function Switch({ name, label, on = false }: { name: keyof Options; label: string; on?: boolean }) {
  return (
    <label className="switch">
      <input type="checkbox" name={name} defaultChecked={on} />
      {label}
    </label>
  );
}

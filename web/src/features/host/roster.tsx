import { useState } from "preact/hooks";
import { Names } from "@/components/lobby";
import type { Board } from "@/lib/documents";
import { focused } from "@/lib/focused";
import { useTranslate } from "@/lib/use-speech";
import type { Commands } from "./use-commands";

interface Asked {
  nickname: string;
  to: "remove" | "rename";
}

/** Who is here. Each can be given another name, or be taken out. */
export function Roster({ board, commands }: { board: Board; commands: Commands }) {
  const t = useTranslate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const done = () => setAsked(null);
  return (
    <>
      {asked?.to === "remove" && (
        <Removing key={asked.nickname} nickname={asked.nickname} commands={commands} done={done} />
      )}
      {asked?.to === "rename" && (
        <Renaming key={asked.nickname} nickname={asked.nickname} commands={commands} done={done} />
      )}
      <Names
        board={board}
        actions={(nickname) => (
          <>
            <button
              type="button"
              className="on-name"
              onClick={() => setAsked({ nickname, to: "rename" })}
              aria-label={t("stage.rename", { nickname })}
            >
              <span aria-hidden="true">✎</span>
            </button>
            <button
              type="button"
              className="on-name"
              onClick={() => setAsked({ nickname, to: "remove" })}
              aria-label={t("stage.remove", { nickname })}
            >
              <span aria-hidden="true">×</span>
            </button>
          </>
        )}
      />
    </>
  );
}

interface Props {
  nickname: string;
  commands: Commands;
  done: () => void;
}

function Removing({ nickname, commands, done }: Props) {
  const t = useTranslate();
  return (
    <p className="sure card" role="alertdialog" aria-label={t("stage.remove.sure", { nickname })}>
      {t("stage.remove.sure", { nickname })}
      <button
        type="button"
        className="danger"
        // The question follows from the button that was just pressed.
        ref={focused}
        onClick={() => {
          commands.remove(nickname);
          done();
        }}
      >
        {t("stage.yes")}
      </button>
      <button type="button" onClick={done}>
        {t("stage.cancel")}
      </button>
    </p>
  );
}

function Renaming({ nickname, commands, done }: Props) {
  const t = useTranslate();
  const [to, setTo] = useState(nickname);
  function submit(event: SubmitEvent) {
    event.preventDefault();
    commands.rename(nickname, to);
    done();
  }
  return (
    <form className="sure card" onSubmit={submit}>
      <label>
        {t("stage.rename.to", { nickname })}
        <input
          name="nickname"
          dir="auto"
          required
          maxLength={20}
          autoComplete="off"
          // The field follows from the button that was just pressed.
          ref={focused}
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <button type="submit" className="primary">
        {t("stage.rename.do")}
      </button>
      <button type="button" onClick={done}>
        {t("stage.cancel")}
      </button>
    </form>
  );
}

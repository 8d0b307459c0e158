import type { ComponentChildren } from "preact";
import { Avatar } from "@/components/avatar";
import type { Board } from "@/lib/documents";
import { useTranslate } from "@/lib/use-speech";

interface Props {
  board: Board | null | undefined;
  me?: { nickname: string; avatar: string };
}

/** A player's lobby: who I am, and everybody's names coming in. */
export function Lobby({ board, me }: Props) {
  const t = useTranslate();
  return (
    <section className="lobby">
      {me && (
        <div className="card centre">
          <Avatar name={me.avatar} size={120} />
          <h1>{t("lobby.in")}</h1>
          <p className="me">
            <bdi>{me.nickname}</bdi>
          </p>
          <p className="quiet">{t("lobby.wait")}</p>
        </div>
      )}
      <Names board={board} />
    </section>
  );
}

interface NamesProps {
  board: Board | null | undefined;
  /** What the host's screen offers to do with a name. */
  actions?: (nickname: string) => ComponentChildren;
}

/** The wall of names: the last to join, and later the top of the board. */
export function Names({ board, actions }: NamesProps) {
  const t = useTranslate();
  const top = board?.top ?? [];
  const names = board?.recent.length ? board.recent : top.map((row) => row.nickname);
  const faces = new Map(top.map((row) => [row.nickname, row.avatar]));
  return (
    <section className="names">
      <h2 aria-live="polite">{t("lobby.players", { count: board?.player_count ?? 0 })}</h2>
      {names.length === 0 ? (
        <p className="quiet">{t("lobby.nobody")}</p>
      ) : (
        <ul aria-label={t("lobby.names")}>
          {names.map((nickname) => (
            <li key={nickname}>
              {faces.has(nickname) && <Avatar name={faces.get(nickname) ?? null} size={28} />}
              <bdi>{nickname}</bdi>
              {actions?.(nickname)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

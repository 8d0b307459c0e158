import { useEffect, useRef, useState } from "preact/hooks";
import * as v from "valibot";
import { Avatar } from "@/components/avatar";
import { BoardRows } from "@/components/board-list";
import type { Backend } from "@/lib/backend";
import { type Looking, leaderRows } from "@/lib/leader-rows";
import { type Total, totalOn } from "@/lib/own-place";
import { around } from "@/lib/people-api";
import {
  type Leader,
  type PeriodBoard,
  pagePath,
  pageShape,
  periodPath,
  periodShape,
  QUIZZES_BOARD,
  quizBoard,
} from "@/lib/people-documents";
import { periodOf, SPANS, type Span } from "@/lib/periods";
import { refusalText } from "@/lib/refusal-text";
import { useDocument } from "@/lib/use-document";
import { useFlip } from "@/lib/use-flip";
import { useRank } from "@/lib/use-place";
import { useServerDay } from "@/lib/use-server-day";
import { useNumber, useTranslate } from "@/lib/use-speech";

interface Props {
  backend: Backend;
  /** The board's id. */
  name: string;
  /** The IANA zone in which its days begin. */
  zone: string;
  me: Looking | null;
  span: Span;
  choose: (span: Span) => void;
}

/** A board over time: its periods, its live top, and the own row always in sight. */
export function Leaderboard({ backend, name, zone, me, span, choose }: Props) {
  const t = useTranslate();
  const period = periodOf(span, useServerDay(), zone);
  const { value: board, failure } = useDocument(backend, periodPath(name, period), periodShape);
  const total = me && totalOn(me.person, name, period);
  const ofQuizzes = name === QUIZZES_BOARD;
  return (
    <section className="leaderboard">
      <Spans span={span} choose={choose} />
      {failure !== null && <p role="alert">{t("boards.failed")}</p>}
      {failure === null && board === undefined && <p className="quiet">{t("app.loading")}</p>}
      {(board === null || board?.top.length === 0) && <p className="card quiet centre">{t("boards.empty")}</p>}
      {board && board.top.length > 0 && (
        <>
          {ofQuizzes ? (
            <QuizRows board={board} />
          ) : (
            <Rows key={period} backend={backend} name={name} period={period} board={board} me={me} total={total} />
          )}
          <p className="quiet centre">{t(ofQuizzes ? "boards.quizzes" : "boards.people", { count: board.people })}</p>
        </>
      )}
      {board && me && total && (
        <OwnPlace
          key={`${name} ${period}`}
          backend={backend}
          name={name}
          period={period}
          board={board}
          me={me}
          total={total}
        />
      )}
      {me && !total && !ofQuizzes && <p className="own-row quiet">{t("boards.notYet")}</p>}
    </section>
  );
}

interface RowsProps {
  backend: Backend;
  name: string;
  period: string;
  board: PeriodBoard;
  me: Looking | null;
  total: Total | null;
}

/** The live top of the board; of a class, on request, the whole table. */
function Rows({ backend, name, period, board, me, total }: RowsProps) {
  const t = useTranslate();
  const [open, setOpen] = useState(false);
  const [whole, setWhole] = useState<Leader[] | null>(null);
  const [failed, setFailed] = useState(false);
  const { pages, seq, people, top } = board;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pages change with `seq`
  useEffect(() => {
    if (!open) return;
    let gone = false;
    wholeTable(backend, name, period, pages).then(
      (rows) => !gone && setWhole(rows),
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [backend, name, period, pages, seq, open]);
  const rows = leaderRows(whole ?? top, me, total, t("boards.hidden"));
  return (
    <>
      <BoardRows rows={rows} me={me?.uid ?? null} seq={seq} />
      {failed && <p role="alert">{t("boards.failed")}</p>}
      {!open && pages > 0 && people > top.length && (
        <button type="button" onClick={() => setOpen(true)}>
          {t("boards.whole")}
        </button>
      )}
    </>
  );
}

/** The quizzes that are played most; each leads to its own board. */
function QuizRows({ board }: { board: PeriodBoard }) {
  const t = useTranslate();
  const number = useNumber();
  const list = useRef<HTMLOListElement>(null);
  useFlip(list);
  return (
    <ol className="board" ref={list} data-seq={board.seq}>
      {board.top.map(({ rank, who, nickname: title, points: players }) => (
        <li key={who} data-key={who}>
          <span className="rank">{number(rank)}</span>
          <a className="name" href={`/boards/${quizBoard(who)}`} dir="auto">
            {title}
          </a>
          <span className="quiet">{t("lobby.players", { count: players })}</span>
        </li>
      ))}
    </ol>
  );
}

async function wholeTable(backend: Backend, name: string, period: string, pages: number): Promise<Leader[]> {
  const all = await Promise.all(Array.from({ length: pages }, (_, page) => backend.get(pagePath(name, period, page))));
  return all.flatMap((data) => v.parse(pageShape, data).rows);
}

function Spans({ span, choose }: Pick<Props, "span" | "choose">) {
  const t = useTranslate();
  return (
    <fieldset className="spans">
      <legend className="hidden">{t("boards.period")}</legend>
      {SPANS.map((each) => (
        <button key={each} type="button" aria-pressed={each === span} onClick={() => choose(each)}>
          {t(`boards.${each}`)}
        </button>
      ))}
    </fieldset>
  );
}

interface OwnProps extends RowsProps {
  me: Looking;
  total: Total;
}

/** The own row at the foot of the screen and, on request, the rows around it. */
function OwnPlace({ backend, name, period, board, me, total }: OwnProps) {
  const t = useTranslate();
  const number = useNumber();
  const rank = useRank(backend, name, period, board, total.points);
  const [rows, setRows] = useState<Leader[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const ask = () => {
    setFault(null);
    around(name, period, () => backend.idToken()).then(setRows, (error: unknown) => setFault(refusalText(error, t)));
  };
  const listed = rank !== null && rank <= board.top.length;
  const hasNeighbours = !listed && !name.startsWith(quizBoard(""));
  return (
    <>
      {hasNeighbours && (
        <div className="neighbours">
          {rows && <BoardRows rows={leaderRows(rows, me, total, t("boards.hidden"))} me={me.uid} />}
          {fault !== null && <p role="alert">{fault}</p>}
          <button type="button" onClick={ask}>
            {t("board.around")}
          </button>
        </div>
      )}
      <p className="own-row">
        <span className="rank">
          <span className="hidden">{t("play.rank")}</span> {rank !== null && number(rank)}
        </span>
        <Avatar name={me.person.avatar} size={36} />
        <span className="name">
          <bdi>{me.person.nickname}</bdi> <em>({t("board.you")})</em>
        </span>
        <span className="points">{number(total.points)}</span>
      </p>
    </>
  );
}

import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { Avatar } from "@/components/avatar";
import { Frame } from "@/components/frame";
import { Leaderboard } from "@/components/leaderboard";
import type { Backend } from "@/lib/backend";
import { leftToRight } from "@/lib/messages";
import { deleteClass, leaveClass, newClassCode } from "@/lib/people-api";
import { classBoard, classPath, classShape, memberShape, membersPath, type SchoolClass } from "@/lib/people-documents";
import type { Span } from "@/lib/periods";
import { refusalText } from "@/lib/refusal-text";
import { type Identified, useCollection } from "@/lib/use-collection";
import { useDocument } from "@/lib/use-document";
import { useTranslate } from "@/lib/use-speech";

const MOST_MEMBERS = 500;

interface Props {
  backend: Backend;
  classId: string;
}

/** One class: its code, its members and its board. */
export function ClassScreen({ backend, classId }: Props) {
  const t = useTranslate();
  const { value: found, failure } = useDocument(backend, classPath(classId), classShape);
  const [span, setSpan] = useState<Span>("week");
  return (
    <Frame title={found?.title ?? t("class.all")}>
      <div className="class-screen">
        <p>
          <a href="/host/classes">{t("class.back")}</a>
        </p>
        {found === undefined && failure === null && <p className="quiet">{t("app.loading")}</p>}
        {!found && <h1>{t("class.all")}</h1>}
        {(found === null || failure !== null) && <p className="card centre">{t("class.unknown")}</p>}
        {found && (
          <>
            <h1 dir="auto">{found.title}</h1>
            <Code backend={backend} classId={classId} found={found} />
            <Members backend={backend} classId={classId} />
            <section className="boards">
              <h2>{t("class.board")}</h2>
              <Leaderboard
                backend={backend}
                name={classBoard(classId)}
                zone={found.zone}
                me={null}
                span={span}
                choose={setSpan}
              />
            </section>
            <DeleteClass backend={backend} classId={classId} />
          </>
        )}
      </div>
    </Frame>
  );
}

function DeleteClass({ backend, classId }: Props) {
  const t = useTranslate();
  const [, go] = useLocation();
  const [sure, setSure] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const remove = () => {
    setFault(null);
    deleteClass(classId, () => backend.idToken()).then(
      () => go("/host/classes"),
      (error: unknown) => setFault(refusalText(error, t)),
    );
  };
  return (
    <section>
      {sure ? (
        <>
          <p>{t("class.delete.sure")}</p>
          <p className="buttons">
            <button type="button" onClick={() => setSure(false)}>
              {t("stage.cancel")}
            </button>
            <button type="button" className="danger" onClick={remove}>
              {t("class.delete")}
            </button>
          </p>
        </>
      ) : (
        <button type="button" className="plain" onClick={() => setSure(true)}>
          {t("class.delete")}
        </button>
      )}
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

function Code({ backend, classId, found }: Props & { found: SchoolClass }) {
  const t = useTranslate();
  const [fault, setFault] = useState<string | null>(null);
  const renew = () => {
    setFault(null);
    newClassCode(classId, () => backend.idToken()).catch((error: unknown) => setFault(refusalText(error, t)));
  };
  return (
    <section className="card centre class-code">
      <h2>{t("class.code")}</h2>
      <p className="code" dir="ltr">
        {found.code}
      </p>
      <p className="quiet">{t("class.code.how", { address: leftToRight(`${location.host}/me`) })}</p>
      <button type="button" onClick={renew}>
        {t("class.code.new")}
      </button>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

type Member = Identified<{ nickname: string; avatar: string }>;

function Members({ backend, classId }: Props) {
  const t = useTranslate();
  const members = useCollection<Omit<Member, "id">>(backend, membersPath(classId), memberShape, MOST_MEMBERS);
  const [removing, setRemoving] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const remove = (uid: string) => {
    setFault(null);
    leaveClass(classId, uid, () => backend.idToken()).then(
      () => setRemoving(null),
      (error: unknown) => setFault(refusalText(error, t)),
    );
  };
  const sorted = [...(members ?? [])].sort((one, other) => one.nickname.localeCompare(other.nickname));
  return (
    <section className="card">
      <h2>{t("class.members", { count: sorted.length })}</h2>
      {members?.length === 0 && <p className="quiet">{t("class.members.none")}</p>}
      <ul className="members">
        {sorted.map((member) => (
          <li key={member.id}>
            <Avatar name={member.avatar} size={32} />
            <bdi>{member.nickname}</bdi>
            {removing === member.id ? (
              <span className="buttons">
                <button type="button" className="danger" onClick={() => remove(member.id)}>
                  {t("class.remove.yes")}
                </button>
                <button type="button" onClick={() => setRemoving(null)}>
                  {t("stage.cancel")}
                </button>
              </span>
            ) : (
              <button
                type="button"
                className="plain"
                aria-label={t("class.remove", { nickname: member.nickname })}
                onClick={() => setRemoving(member.id)}
              >
                <span aria-hidden="true">×</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

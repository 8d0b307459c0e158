import { useState } from "preact/hooks";
import { type Account, AccountGate } from "@/components/account/account-gate";
import { ProfileForm } from "@/components/profile-form";
import { type Backend, backend as open, playerBackend } from "@/lib/backend";
import { device, type Seat } from "@/lib/device";
import { keepGame } from "@/lib/people-api";
import { type Person, personPath, personShape } from "@/lib/people-documents";
import { refusalText } from "@/lib/refusal-text";
import { useDocument } from "@/lib/use-document";
import { useTranslate } from "@/lib/use-speech";

interface Props {
  seat: Seat;
  account: Account;
}

/** Sign-in, profile and the button that keeps a guest's score. */
export default function KeepScore({ seat }: { seat: Seat }) {
  return (
    <AccountGate title="keep.title" why="keep.why" heading="h2" shell={(content) => <>{content}</>}>
      {(account) => <Keeping seat={seat} account={account} />}
    </AccountGate>
  );
}

function Keeping({ seat, account }: Props) {
  const t = useTranslate();
  const { backend, uid } = account;
  const { value: person, failure } = useDocument(backend, personPath(uid), personShape);
  if (failure !== null) return <p role="alert">{t("failure")}</p>;
  if (person === undefined) return <p className="quiet">{t("app.loading")}</p>;
  if (person !== null) return <Keep seat={seat} account={account} person={person} />;
  return (
    <section className="card profile">
      <h2>{t("me.new")}</h2>
      <p className="quiet">{t("me.new.why")}</p>
      <ProfileForm
        backend={backend}
        profile={{ nickname: seat.nickname, avatar: seat.avatar }}
        submit={t("me.new.do")}
        saved={() => undefined}
      />
    </section>
  );
}

function Keep({ seat, account: { backend }, person }: Props & { person: Person }) {
  const t = useTranslate();
  const [kept, setKept] = useState(seat.kept ?? false);
  const [fault, setFault] = useState<string | null>(null);
  async function keep() {
    setFault(null);
    try {
      const guest: Backend = await open(playerBackend(seat.session_id));
      await keepGame(seat.session_id, await guest.idToken(), () => backend.idToken());
      device.sit({ ...seat, kept: true });
      setKept(true);
    } catch (error) {
      setFault(refusalText(error, t));
    }
  }
  return (
    <section className="card centre">
      <h2>{t("keep.title")}</h2>
      {kept ? (
        <>
          <p role="status">{t("keep.done")}</p>
          <a className="button" href="/me">
            {t("me.title")}
          </a>
        </>
      ) : (
        <button type="button" className="primary" onClick={keep}>
          {t("keep.as", { nickname: person.nickname })}
        </button>
      )}
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

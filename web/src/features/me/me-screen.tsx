import { useEffect } from "preact/hooks";
import type { Account } from "@/components/account/account-gate";
import { Avatar } from "@/components/avatar";
import { ProfileForm } from "@/components/profile-form";
import { type Person, personPath, personShape } from "@/lib/people-documents";
import { forgetPerson, rememberPerson } from "@/lib/remembered-person";
import { useDocument } from "@/lib/use-document";
import { useTranslate } from "@/lib/use-speech";
import { Classes } from "./classes";
import { HistoryList } from "./history-list";
import { OwnData } from "./own-data";
import { Periods } from "./periods";

export function MeScreen({ account }: { account: Account }) {
  const t = useTranslate();
  const { backend, uid } = account;
  const { value: person, failure } = useDocument(backend, personPath(uid), personShape);
  useEffect(() => {
    if (person) rememberPerson({ uid, nickname: person.nickname, avatar: person.avatar });
    if (person === null) forgetPerson();
  }, [person, uid]);

  if (failure !== null) return <p role="alert">{t("failure")}</p>;
  if (person === undefined) return <p className="quiet">{t("app.loading")}</p>;
  if (person === null) return <NewPerson account={account} />;
  return (
    <div className="me-screen">
      <header className="card who">
        <Avatar name={person.avatar} size={72} />
        <div>
          <h1>
            <bdi>{person.nickname}</bdi>
          </h1>
          <p className="quiet">{t(person.listed ? "me.isListed" : "me.isHidden")}</p>
        </div>
      </header>
      <Periods backend={backend} person={person} />
      <HistoryList backend={backend} uid={uid} person={person} />
      <Classes backend={backend} uid={uid} />
      <Profile account={account} person={person} />
      <OwnData account={account} />
      <SignOut account={account} />
    </div>
  );
}

function NewPerson({ account }: { account: Account }) {
  const t = useTranslate();
  return (
    <div className="me-screen">
      <section className="card profile">
        <h1>{t("me.new")}</h1>
        <p className="quiet">{t("me.new.why")}</p>
        {/* The screen hears of the new profile by its listener. */}
        <ProfileForm backend={account.backend} profile={{}} submit={t("me.new.do")} saved={() => undefined} />
      </section>
      <SignOut account={account} />
    </div>
  );
}

function Profile({ account, person }: { account: Account; person: Person }) {
  const t = useTranslate();
  return (
    <details className="card">
      <summary>
        <h2>{t("me.profile")}</h2>
      </summary>
      <ProfileForm
        key={JSON.stringify([person.nickname, person.avatar, person.listed, person.language])}
        backend={account.backend}
        profile={person}
        submit={t("me.save")}
        saved={() => undefined}
      />
    </details>
  );
}

function SignOut({ account: { backend, check } }: { account: Account }) {
  const t = useTranslate();
  const leave = () => {
    forgetPerson();
    return backend.signOut().then(check);
  };
  return (
    <p className="quiet centre">
      {backend.email()}{" "}
      <button type="button" className="plain" onClick={leave}>
        {t("account.signOut")}
      </button>
    </p>
  );
}

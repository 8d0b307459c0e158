import { Component, type ComponentChildren } from "preact";
import { lazy, Suspense } from "preact/compat";
import { Route, Switch } from "wouter-preact";
import { Frame } from "@/components/frame";
import { JoinScreen } from "@/features/join/join-screen";
import { chunk } from "@/lib/chunk";
import { useTranslate } from "@/lib/use-speech";

const Play = lazy(() => chunk(() => import("@/features/play")));
const Host = lazy(() => chunk(() => import("@/features/host")));
const Me = lazy(() => chunk(() => import("@/features/me")));
const Boards = lazy(() => chunk(() => import("@/features/boards")));
const Return = lazy(() => chunk(() => import("@/features/return")));

export function App() {
  return (
    <Safety>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={JoinScreen} />
          <Route path="/join" component={JoinScreen} />
          <Route path="/play/:sessionId">{({ sessionId }) => <Play sessionId={sessionId} />}</Route>
          <Route path="/return" component={Return} />
          <Route path="/me">
            <Me sessionId={null} />
          </Route>
          <Route path="/me/:sessionId">{({ sessionId }) => <Me sessionId={sessionId} />}</Route>
          <Route path="/boards">
            <Boards board={null} />
          </Route>
          <Route path="/boards/:board">{({ board }) => <Boards board={board} />}</Route>
          <Route path="/host">
            <Host at="home" />
          </Route>
          <Route path="/host/classes">
            <Host at="classes" />
          </Route>
          <Route path="/host/classes/:classId">{({ classId }) => <Host at="class" id={classId} />}</Route>
          <Route path="/host/remote">
            <Host at="remotes" />
          </Route>
          <Route path="/host/remote/:sessionId">{({ sessionId }) => <Host at="remote" id={sessionId} />}</Route>
          <Route path="/host/:sessionId">{({ sessionId }) => <Host at="stage" id={sessionId} />}</Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Safety>
  );
}

function Loading() {
  const t = useTranslate();
  return (
    <Frame>
      <p className="quiet">{t("app.loading")}</p>
    </Frame>
  );
}

function NotFound() {
  const t = useTranslate();
  return (
    <Frame>
      <section className="card centre">
        <h1>{t("app.notFound")}</h1>
        <a className="button primary" href="/">
          {t("app.home")}
        </a>
      </section>
    </Frame>
  );
}

function Broken() {
  const t = useTranslate();
  return (
    <Frame>
      <section className="card centre" role="alert">
        <h1>{t("app.failed")}</h1>
        <p>{t("app.failed.do")}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          {t("app.reload")}
        </button>
      </section>
    </Frame>
  );
}

/** A fault in a screen is shown with what to do, and stays in the console for whoever looks. */
class Safety extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

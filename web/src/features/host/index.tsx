import "@/styles/host.css";
import { HostGate } from "./host-gate";
import { HostHome } from "./host-home";
import { RemoteScreen } from "./remote-screen";
import { StageScreen } from "./stage-screen";

export interface HostRoute {
  remote: boolean;
  sessionId: string | null;
}

/** Everything that only hosts need; loaded when somebody hosts. */
export default function Host({ remote, sessionId }: HostRoute) {
  return (
    <HostGate>
      {(backend) => {
        if (sessionId === null) return <HostHome backend={backend} to={remote ? "/host/remote" : "/host"} />;
        const Screen = remote ? RemoteScreen : StageScreen;
        return <Screen backend={backend} sessionId={sessionId} />;
      }}
    </HostGate>
  );
}

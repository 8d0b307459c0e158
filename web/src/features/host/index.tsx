import "@/styles/host.css";
import { ClassScreen } from "./class-screen";
import { ClassesScreen } from "./classes-screen";
import { HostGate } from "./host-gate";
import { HostHome } from "./host-home";
import { RemoteScreen } from "./remote-screen";
import { StageScreen } from "./stage-screen";

/** `id`: of the session or of the class. */
export type HostRoute = { at: "home" | "remotes" | "classes" } | { at: "stage" | "remote" | "class"; id: string };

/** Everything that only hosts need; loaded when somebody hosts. */
export default function Host(route: HostRoute) {
  return (
    <HostGate>
      {(backend) => {
        switch (route.at) {
          case "home":
            return <HostHome backend={backend} to="/host" />;
          case "remotes":
            return <HostHome backend={backend} to="/host/remote" />;
          case "classes":
            return <ClassesScreen backend={backend} />;
          case "class":
            return <ClassScreen backend={backend} classId={route.id} />;
          case "stage":
            return <StageScreen backend={backend} sessionId={route.id} />;
          case "remote":
            return <RemoteScreen backend={backend} sessionId={route.id} />;
        }
      }}
    </HostGate>
  );
}

"""Write docs/openapi.json from the app: `python -m devstack.openapi`."""

import json

from devstack.emulators import ROOT
from http_api.app import create_app
from http_api.context import ApiContext
from quizcore.adapters.clock import RandomIds, SystemClock
from quizcore.adapters.memory import MemoryBus, MemoryIdentity, MemoryStore
from quizcore.settings import ApiSettings
from quizcore.telemetry import Telemetry


def main() -> None:
    settings = ApiSettings(project="openapi")
    context = ApiContext(
        MemoryStore(), MemoryBus(), MemoryIdentity(), SystemClock(), RandomIds(), settings, Telemetry()
    )
    document = create_app(context).test_client().get("/api/v1/openapi.json").json
    path = ROOT / "docs" / "openapi.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

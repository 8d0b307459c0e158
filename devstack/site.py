"""`python -m devstack site`: the screens of a real project, and the configuration to deploy them with."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import httpx

from devstack import hosting, releases, web
from devstack.emulators import ROOT
from devstack.processes import StartFailed

_TIMEOUT_S = 30.0


def main(arguments: Sequence[str]) -> None:
    """Raises StartFailed."""
    parser = argparse.ArgumentParser(prog="python -m devstack site", description=__doc__)
    parser.add_argument("project")
    parser.add_argument("--auth-domain", help="domain of the /__/auth sign-in pages; default: PROJECT.firebaseapp.com")
    parser.add_argument("--recaptcha-key", help="the key of App Check; without it the site does not use App Check")
    parser.add_argument("--live", help="live site whose files are kept; default: https://PROJECT.web.app; '' for none")
    given = parser.parse_args(arguments)
    live = f"https://{given.project}.web.app" if given.live is None else given.live
    domain = given.auth_domain or hosting.default_auth_domain(given.project)
    config = ROOT / f"firebase.site-{given.project}.json"
    added = prepare(config, ROOT / "web" / "dist", domain, given.recaptcha_key, live)
    print(f"wordrush: built web/dist; {len(added)} files of the live release are kept")
    print(f"wordrush: now: npx firebase deploy --project {given.project} --config {config.name}")


def prepare(config: Path, site: Path, auth_domain: str, recaptcha_key: str | None, live: str) -> list[str]:
    """Build into `site` and write `config`, both below the root. Gives the names of the files that were kept from
    `live`.

    Raises StartFailed when the build fails or the live site cannot be reached.
    """
    web.build(site)
    added = releases.take_along(site, _fetching(live)) if live else []
    app_check = {"app_check": {"recaptcha_key": recaptcha_key}} if recaptcha_key else {}
    web.configure(site, auth_domain=auth_domain, **app_check)
    whole = hosting.template()
    allow = hosting.APP_CHECK if recaptcha_key else {}
    whole["hosting"] = hosting.fill(whole["hosting"], str(site.relative_to(ROOT)), site, auth_domain, allow)
    config.write_text(json.dumps(whole, indent=2) + "\n")
    return added


def _fetching(live: str) -> releases.Fetch:
    def fetch(path: str) -> bytes | None:
        try:
            answer = httpx.get(f"{live}{path}", timeout=_TIMEOUT_S)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            return answer.raise_for_status().content
        except httpx.HTTPError as error:
            raise StartFailed(f"{live}{path}: {error}. Try again, or leave the live files out: --live ''") from error

    return fetch

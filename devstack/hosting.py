"""What `firebase.json` leaves open for Hosting, filled in: it is a template, as a deploy takes its headers literally.

Two things are known only for one site and one build: the domain whose pages sign hosts in (`authDomain`, framed by the
page), and the names of the built files. Only a file that exists may be kept for a year. A rule for all of `/assets/**`
would also cover the 404 of a file that the next deploy brings, and a browser would remember that 404 as long.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TEMPLATE = Path(__file__).parent.parent / "firebase.json"
ASSETS = "assets"
POLICY = "Content-Security-Policy"
_AUTH_DOMAIN = "AUTH_DOMAIN"
_BUILT_FILES = "BUILT_FILES"
# Firebase App Check with reCAPTCHA Enterprise: its script, its frame, and the exchange of its token.
APP_CHECK = {
    "script-src": "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
    "frame-src": "https://www.google.com/recaptcha/",
    "connect-src": "https://content-firebaseappcheck.googleapis.com https://www.google.com/recaptcha/",
}


def default_auth_domain(project: str) -> str:
    """Where Firebase serves the sign-in pages of a project that has said nothing else."""
    return f"{project}.firebaseapp.com"


def fill(
    template: Mapping[str, Any], public: str, built: Path, auth_domain: str, allow: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The `hosting` section for one site: `template` is that section of `firebase.json`.

    `public` is the folder as Hosting is told it, `built` the same folder with the built files in it. `allow` adds
    sources to directives of the page's policy, by the directive's name.
    """
    files = sorted(file.name for file in (built / ASSETS).iterdir())
    text = json.dumps(dict(template)).replace(_AUTH_DOMAIN, auth_domain).replace(_BUILT_FILES, "|".join(files))
    hosting: dict[str, Any] = json.loads(text) | {"public": public}
    del hosting["predeploy"]  # it refuses to deploy the template
    for rule in hosting["headers"]:
        for header in rule["headers"]:
            if header["key"] == POLICY:
                header["value"] = allowing(header["value"], allow or {})
    return hosting


def allowing(policy: str, more: Mapping[str, str]) -> str:
    """The policy with more sources. Raises KeyError for a directive that it does not have."""
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for name, sources in more.items():
        directives[name] = f"{directives[name]} {sources}"
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def template() -> dict[str, Any]:
    """`firebase.json`, whole."""
    found: dict[str, Any] = json.loads(_TEMPLATE.read_text())
    return found

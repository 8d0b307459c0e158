"""Fills in the Hosting section of `firebase.json`, which is a template, because a deploy uses headers exactly as
written.

Two values depend on the site and the build: the domain whose pages sign hosts in (`authDomain`, framed by the page),
and the names of the built files. Only a file that exists may be cached for a year. A rule for all of `/assets/**` would
also cover the 404 of a file that the next deploy adds, and a browser would cache that 404 for a year.
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
    """The domain where Firebase serves a project's sign-in pages by default."""
    return f"{project}.firebaseapp.com"


def fill(
    template: Mapping[str, Any], public: str, built: Path, auth_domain: str, allow: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The `hosting` section for one site: `template` is that section of `firebase.json`.

    `public` is the folder's path for Hosting, `built` the same folder, with the built files in it. `allow` adds
    sources to directives of the page's policy, by the directive's name.
    """
    files = sorted(file.name for file in (built / ASSETS).iterdir())
    text = json.dumps(dict(template)).replace(_AUTH_DOMAIN, auth_domain).replace(_BUILT_FILES, "|".join(files))
    hosting: dict[str, Any] = json.loads(text) | {"public": public}
    del hosting["predeploy"]  # the template's `predeploy` stops a deploy of the template itself
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
    whole: dict[str, Any] = json.loads(_TEMPLATE.read_text())
    return whole

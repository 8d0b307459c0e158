"""Google's hosts, as far as signing in needs them, answered at the network of a browser.

The page is the real one with the real SDK and the real headers. What stands in for Google keeps to what those headers
decide: the script comes from apis.google.com, the frame and the popup from the authDomain, and the popup reaches the
page only through its opener's frame. Accounts are those of the Auth emulator.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Route

from devstack.stack import Stack

GAPI = """
class Frame {
  constructor(element) { this.element = element; this.handlers = {}; }
  restyle() { return Promise.resolve(); }
  register(name, handler) { this.handlers[name] = handler; }
  send(name, message, heard) {
    // The SDK's callback raises after it has taken the answer, and Google's library lets nobody notice.
    Promise.resolve([{ [name]: true }]).then(heard).catch(() => undefined);
  }
  ping(heard) {
    this.pinged = heard;
    this.element.contentWindow.postMessage("ping", "*");
    return new Promise(() => {});
  }
}
window.gapi = {
  load: (name, { callback }) => callback(),
  iframes: {
    CROSS_ORIGIN_IFRAMES_FILTER: "any",
    getContext: () => ({
      open: ({ where, url, attributes }, opened) => new Promise((resolve, reject) => {
        const element = document.createElement("iframe");
        Object.assign(element.style, attributes.style);
        element.src = url;
        const frame = new Frame(element);
        addEventListener("message", ({ data, source }) => {
          if (source !== element.contentWindow) return;
          if (data === "pong") frame.pinged();
          else frame.handlers.authEvent({ type: "authEvent", authEvent: data });
        });
        element.onload = () => opened(frame).then(resolve, reject);
        where.append(element);
      }),
    }),
  },
};
window[new URL(document.currentScript.src).searchParams.get("onload")]();
"""
FRAME = """<!doctype html><script>
addEventListener("message", ({ data }) => parent.postMessage(data === "ping" ? "pong" : data, "*"));
</script>"""
HANDLER = """<!doctype html><title>Choose an account</title><button>%(email)s</button><script>
const asked = Object.fromEntries(new URLSearchParams(location.search));
const told = new URLSearchParams({ providerId: asked.providerId, id_token: %(token)s });
const urlResponse = location.origin + location.pathname + "?" + told;
const event = { type: asked.authType, eventId: asked.eventId, sessionId: "s", urlResponse };
document.querySelector("button").onclick = () => {
  for (let i = 0; i < opener.length; i += 1) opener.frames[i].postMessage(event, "*");
};
</script>"""
NOTICE = """
window.violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective} ${blockedURI}`));
const open = window.open;
window.open = (...how) => (window.opened = open.apply(window, how));
"""
ANYBODY = {"Access-Control-Allow-Origin": "*"}


@dataclass
class Google:
    """Answers for one browser context. `unexpected` holds requests to other hosts that nobody answers."""

    stack: Stack
    auth_domain: str
    email: str
    unexpected: list[str] = field(default_factory=list)

    def answer(self, context: BrowserContext) -> None:
        """From here on the pages of `context` are those of a real site: `config.json` names no emulators."""
        context.add_init_script(NOTICE)
        routes: dict[str, Any] = {
            "https://**": self._refuse,
            "https://apis.google.com/js/api.js*": lambda r: r.fulfill(body=GAPI, content_type="text/javascript"),
            f"https://{self.auth_domain}/__/auth/iframe*": lambda r: r.fulfill(body=FRAME, content_type="text/html"),
            f"https://{self.auth_domain}/__/auth/handler*": self._choose_account,
            f"https://{self.auth_domain}/__/auth/action*": self._follow_link,
            "https://identitytoolkit.googleapis.com/**": self._ask_emulator,
            "https://identitytoolkit.googleapis.com/v1/projects?*": lambda r: r.fulfill(
                json={"projectId": self.stack.project, "authorizedDomains": ["127.0.0.1"]}, headers=ANYBODY
            ),
            "https://securetoken.googleapis.com/**": self._ask_emulator,
            "**/config.json": lambda r: r.fulfill(json={}),
        }
        for where, how in routes.items():  # of several that fit, Playwright asks the latest
            context.route(where, how)

    def link(self, mailed: str) -> str:
        """The link of the emulator's mail, as the mail of a real project has it."""
        return f"https://{self.auth_domain}/__/auth/action?{urlsplit(mailed).query}"

    def _choose_account(self, route: Route) -> None:
        claims = json.dumps({"sub": f"google-{self.email}", "email": self.email, "email_verified": True})
        page = HANDLER % {"email": self.email, "token": json.dumps(claims)}
        route.fulfill(body=page, content_type="text/html")

    def _follow_link(self, route: Route) -> None:
        """Google's page hands the code on to the address that the page asked for."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(route.request.url).query).items()}
        target = f"{asked['continueUrl']}?{urlencode(asked)}"
        route.fulfill(body=f"<script>location.replace({json.dumps(target)})</script>", content_type="text/html")

    def _ask_emulator(self, route: Route) -> None:
        asked = urlsplit(route.request.url)
        url = f"http://{self.stack.emulators.host('auth')}/{asked.netloc}{asked.path}?{asked.query}"
        found = route.fetch(url=url)
        route.fulfill(response=found, headers={**found.headers, **ANYBODY})

    def _refuse(self, route: Route) -> None:
        self.unexpected.append(_described(route.request))
        route.abort()


def violations(page: Page) -> list[str]:
    """The requests that the page's own policy has blocked."""
    found: list[str] = page.evaluate("window.violations")
    return found


def _described(request: Request) -> str:
    return f"{request.method} {request.url}"

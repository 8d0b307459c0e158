"""The caller's address, behind the proxies in front of the function.

`X-Forwarded-For` ends with the address that connected to Google's front end; a caller can forge all entries before it.
The last entry is the caller's own address when the function is called by its own URL, and Hosting's address when the
site is called. Only in the second case the header of Hosting's network (`Fastly-Client-IP`) contains the caller's
address. docs/operations.md, *Addresses*.
"""

import ipaddress
import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog

from quizcore.settings import Address, ApiSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SITE = "wordrush.site"  # in the environ: the site's URL, when Hosting sends it
THROUGH_HOSTING = "wordrush.through_hosting"  # in the environ: whether Hosting forwarded the request
ONE_CALLER_IPV6 = 64  # a household or a phone gets a whole /64, so all addresses of a /64 are one caller
MOST_TOLD = 20
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")
_log = structlog.get_logger("edge")


class Edge:
    """WSGI middleware: sets `REMOTE_ADDR` to the caller's address (IPv6: to the first address of its /64), and notes
    whether, and for which site, Hosting forwarded the request."""

    def __init__(self, app: "WSGIApplication", settings: ApiSettings) -> None:
        self._app = app
        self._proxies = settings.trusted_proxies
        self._networks = settings.hosting_networks
        self._header = "HTTP_" + settings.client_address_header.upper().replace("-", "_")
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        hop = self._nearest_hop(environ)
        through = hop is not None and any(hop in network for network in self._networks)
        named = _address(environ.get(self._header, ""))
        environ[THROUGH_HOSTING] = through
        caller = (named if through else None) or hop
        if caller is not None:
            environ["REMOTE_ADDR"] = _as_one_caller(caller)
        host = environ.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip()
        if through and _HOST.fullmatch(host):
            environ[SITE] = f"https://{host}"
        if not through and named is not None and hop is not None:
            self._tell_unknown(hop)
        return self._app(environ, start_response)

    def _nearest_hop(self, environ: "WSGIEnvironment") -> Address | None:
        """The address that the outermost trusted proxy saw; without trusted proxies, the address that the server
        sees."""
        entries = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        forwarded = _address(entries[-self._proxies]) if 0 < self._proxies <= len(entries) else None
        return forwarded or _address(environ.get("REMOTE_ADDR", ""))

    def _tell_unknown(self, hop: Address) -> None:
        """Log a network outside the settings: either the header is forged, or Hosting calls from a network that the
        settings lack."""
        network = str(ipaddress.ip_network((hop, 24 if hop.version == 4 else 48), strict=False))
        with self._lock:
            if network in self._told or len(self._told) >= MOST_TOLD:
                return
            self._told.add(network)
        _log.warning("an address header from outside of WORDRUSH_HOSTING_NETWORKS is not believed", network=network)


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if found.version == 6 else found


def _as_one_caller(address: Address) -> str:
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, ONE_CALLER_IPV6), strict=False).network_address)

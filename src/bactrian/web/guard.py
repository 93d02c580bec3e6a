"""Who may talk to the server: hosts, origins, the token; and headers for all answers."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from bactrian.web.problems import STATUS
from bactrian.web.schema import Problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

API = "/api/"
LOCAL = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Access:
    """Who may talk to the server.

    Parameters
    ----------
    hosts : tuple of str
        Names that it is spoken to by; any if there is none, which takes a token.
    token : str
        What whoever asks must know; nothing if that is empty.
    cookie : str
        Name of the cookie with the token.
    """

    hosts: tuple[str, ...] = LOCAL
    token: str = ""
    cookie: str = "bactrian"

    @classmethod
    def at(cls, host: str, address: str, port: int) -> Access:
        """Access to a server: free on this machine, with a token from other machines.

        Parameters
        ----------
        host : str
            As it was asked for.
        address : str
            What that came to: the numbers that the socket listens at.
        port : int
        """
        known = ip_address(address.partition("%")[0])
        return cls(
            hosts=() if known.is_unspecified else (*LOCAL, host.lower()),
            token="" if known.is_loopback else secrets.token_urlsafe(32),
            cookie=f"bactrian_{port}",
        )

    def knows_host(self, header: str) -> bool:
        """Whether the host is this server, on any port."""
        return not self.hosts or _name_of(header) in self.hosts

    def knows(self, token: str) -> bool:
        """Whether this is the token; the check takes the same time for any guess."""
        return secrets.compare_digest(token.encode(), self.token.encode())


def _name_of(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


class Guard:
    """Lets a request through if it is meant for the server and comes from its own page.

    Parameters
    ----------
    app : ASGI application
    access : Access
    """

    def __init__(self, app: App, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._answer(scope)
        if answer is not None:
            await answer(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _answer(self, scope: Scope) -> Response | None:
        """The answer to a refused request; None to pass it on."""
        headers, path = Headers(scope=scope), str(scope["path"])
        host = headers.get("host", "")
        if not self._access.knows_host(host):
            return _refused(
                path, "forbidden", "The host name in the address is not one of this server."
            )
        if path.startswith(API):
            origin = headers.get("origin")
            if origin not in (None, f"http://{host}", f"https://{host}"):
                return _refused(path, "forbidden", "Only the server's own page may ask.")
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return _refused(path, "forbidden", "Only the server's own page may ask.")
        return self._token_answer(scope, headers, path) if self._access.token else None

    def _token_answer(self, scope: Scope, headers: Headers, path: str) -> Response | None:
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
        given = dict(query).get("token")
        if given is not None and not path.startswith(API) and self._access.knows(given):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            own = f"/{path.lstrip('/')}"  # never another host's
            answer = RedirectResponse(f"{own}?{rest}" if rest else own, 303)
            answer.set_cookie(
                self._access.cookie, self._access.token, httponly=True, samesite="strict"
            )
            return answer
        kind, _, bearer = headers.get("authorization", "").partition(" ")
        cookie = cookie_parser(headers.get("cookie", "")).get(self._access.cookie, "")
        known = self._access.knows(bearer) if kind.lower() == "bearer" else False
        if known or self._access.knows(cookie):
            return None
        return _refused(
            path,
            "token",
            "This server asks for its token.",
            "Open the address that `bactrian serve` printed, with the token at its end.",
        )


def _refused(path: str, code: str, message: str, remedy: str | None = None) -> Response:
    status = STATUS[code]
    if not path.startswith(API):
        return PlainTextResponse(f"{message} {remedy or ''}\n", status)
    field = "token" if code == "token" else None
    problem = Problem(code=code, message=message, remedy=remedy, field=field)
    return JSONResponse(problem.model_dump(), status)

"""What every request passes on its way in and out: security headers, errors caught, session, login."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.access import Access
from search_api.problems import respond, respond_unexpected
from search_api.urls import Links, path_below_root, root_of
from search_core.errors import AccessDenied, PasserelleError

SESSION_COOKIE = "passerelle_session"
SESSION_S = 7 * 24 * 3600

API_ROOT = "/api/"
STATIC_ROOT = "/static/"
OPEN_PATHS = frozenset({"/login", "/api/v1/health"})
"""Reachable without a login, besides what lies below `STATIC_ROOT`."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """Adds the headers to every answer; what shows documents is kept by no cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                static = path_below_root(scope).startswith(STATIC_ROOT)
                headers.setdefault("Cache-Control", "max-age=3600" if static else "no-store")
            await send(message)

        await self.app(scope, receive, send_secured)


class ErrorCatcher:
    """Renders what the routes' own handlers could not: errors of the layers below, and the unexpected."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            request = Request(scope)
            answer = (
                respond(request, error) if isinstance(error, PasserelleError) else respond_unexpected(request, error)
            )
            await answer(scope, receive, send)


class Sessions:
    """Signed session cookies for what lies below the root, marked `Secure` where the request came over https."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app = app
        self.key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sessions = SessionMiddleware(
            self.app,
            self.key,
            SESSION_COOKIE,
            SESSION_S,
            path=root_of(scope) or "/",
            https_only=scope.get("scheme") == "https",
        )
        await sessions(scope, receive, send)


class Guard:
    """Lets in who may read; others get the login page, or a problem where a program asks."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            self.access.check_host(request)
            request.state.admitted = self.access.admits(request)
            if not (request.state.admitted or _is_open(path_below_root(scope))):
                return await _refuse(request)(scope, receive, send)
        return await self.app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(STATIC_ROOT)


def _refuse(request: Request) -> ASGIApp:
    if path_below_root(request.scope).startswith(API_ROOT):
        raise AccessDenied(
            "A login is needed.",
            remedy="Send the password as HTTP Basic (any user name) or as a Bearer token, or sign in on the page.",
        )
    links = Links.of(request)
    target = links.here(request) if request.method == "GET" else ""
    return RedirectResponse(links.login(target), status_code=303)

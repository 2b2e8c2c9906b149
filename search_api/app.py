"""The web application: the map of what answers a request."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from search_api import problems, routes_api, routes_login, routes_report, routes_web
from search_api.access import Access
from search_api.guard import ErrorCatcher, Guard, SecurityHeaders, Sessions
from search_api.logs import hide_queries
from search_api.proxy import Proxy
from search_api.service import SearchService

STATIC = Path(__file__).with_name("static")
DIRECT = Proxy()

# FastAPI would otherwise report requests and error messages to whatever OpenTelemetry finds in the environment.
NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


def create_app(service: SearchService, access: Access, *, proxy: Proxy = DIRECT, log_queries: bool = False) -> FastAPI:
    """An application that answers from `service` whoever `access` lets in, behind `proxy` where there is one.

    There is no interactive documentation: its usual page is loaded from another host. The description itself is at
    `/api/v1/openapi.json`. Unless `log_queries`, the access log of this process shows paths only.
    """
    app = FastAPI(
        title="Passerelle",
        summary="Search in French and Chinese in the documents of the Issy-les-Moulineaux – Leshan cooperation.",
        version=metadata.version("passerelle"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        middleware=[
            *proxy.middleware(),
            Middleware(SecurityHeaders),
            Middleware(ErrorCatcher),
            Middleware(Sessions, key=access.session_key),
            Middleware(Guard, access=access),
        ],
    )
    app.state.service = service
    app.state.access = access
    problems.install(app)
    for routes in (routes_api, routes_login, routes_report, routes_web):
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    if not log_queries:
        hide_queries()
    return app

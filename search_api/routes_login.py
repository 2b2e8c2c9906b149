"""Signing in and out with the shared password."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from search_api.access import Access, TooManyGuesses, check_form_token, form_token
from search_api.pages import render
from search_api.urls import Links, is_local_path

router = APIRouter(include_in_schema=False)


@router.get("/login")
def login_page(request: Request) -> Response:
    target = _local(request, request.query_params.get("next", ""))
    if request.state.admitted:
        return RedirectResponse(target, status_code=303)
    return _ask(request, target)


@router.post("/login")
def sign_in(
    request: Request,
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002 - the name that links to a login page carry by convention
    token: Annotated[str, Form(alias="form_token")] = "",
) -> Response:
    access, target = _access(request), _local(request, next)
    if not check_form_token(request.session, token):
        return _ask(request, target, "expired", status=403)
    try:
        right = access.try_password(request, password.encode())
    except TooManyGuesses as error:
        return _ask(request, target, "wait", status=429, wait_s=error.retry_after_s)
    if not right:
        return _ask(request, target, "wrong", status=401)
    access.sign_in(request.session)
    return RedirectResponse(target, status_code=303)


@router.post("/logout")
def sign_out(request: Request, token: Annotated[str, Form(alias="form_token")] = "") -> Response:
    if check_form_token(request.session, token):
        request.session.clear()
    return RedirectResponse(Links.of(request).login(), status_code=303)


def _ask(request: Request, target: str, refusal: str = "", status: int = 200, wait_s: int = 0) -> HTMLResponse:
    form_token(request.session)
    headers = {"Retry-After": str(wait_s)} if wait_s else {}
    return render(request, "login.html", {"target": target, "refusal": refusal, "wait_s": wait_s}, status, headers)


def _local(request: Request, target: str) -> str:
    """Where to go after signing in: never to another host."""
    return target if is_local_path(target) else Links.of(request).search()


def _access(request: Request) -> Access:
    return cast("Access", request.app.state.access)

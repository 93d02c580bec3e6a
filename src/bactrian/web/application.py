"""The server as an application: the API, the page, and the guard before both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Address
from starlette.staticfiles import StaticFiles

from bactrian.web.asked import JSON, Asked
from bactrian.web.calculator import Calculator
from bactrian.web.guard import API, Access, Guard
from bactrian.web.problems import refusal, status_of, told
from bactrian.web.routes import PREFIX, ROUTES, Route
from bactrian.web.schema import Problem

PAGE = Path(__file__).with_name("page")
RETRY_AFTER = "2"  # seconds

_NOT_BUILT = (
    "The page is not in this package: it is built from frontend/ by `make page`.\n"
    "The API is at /api/v1/about.\n"
)


def application(calculator: Calculator | None = None, access: Access | None = None) -> Guard:
    """The server's application.

    Parameters
    ----------
    calculator : Calculator, optional
        Closed when the application ends.
    access : Access, optional
        By default for this machine alone.
    """
    calculator = calculator or Calculator()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        living = asyncio.create_task(calculator.live())
        try:
            yield
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living
            calculator.close()

    app = Starlette(
        routes=[*_api(calculator), *_page()],
        exception_handlers={HTTPException: _not_served, Exception: _broken},
        lifespan=lifespan,
    )
    return Guard(app, access or Access())


def _api(calculator: Calculator) -> list[BaseRoute]:
    grouped = groupby(sorted(ROUTES, key=lambda route: route.path), lambda route: route.path)
    addresses = [
        Address(
            path,
            _endpoint(calculator, {route.method: route for route in routes}),
            methods=[route.method for route in ROUTES if route.path == path],
        )
        for path, routes in grouped
    ]
    return [Mount(PREFIX, routes=addresses)]  # so that the page's files are not looked for here


def _endpoint(calculator: Calculator, routes: dict[str, Route]) -> Any:
    """The endpoint of one path, with all its methods."""

    async def answer(request: Request) -> Response:
        route = routes["GET" if request.method == "HEAD" else request.method]
        try:
            found = await route.handler(Asked(calculator, request))
        except Exception as error:
            return refused(told(error))
        if isinstance(found, Response):
            return found
        body = TypeAdapter[BaseModel](route.gives).dump_json(found)
        return Response(body, route.status, media_type=JSON)

    return answer


def refused(problem: Problem, **headers: str) -> Response:
    """Answer with a Problem."""
    if problem.code == "busy":
        headers["Retry-After"] = RETRY_AFTER
    return JSONResponse(problem.model_dump(), status_of(problem), headers)


async def _not_served(request: Request, error: Exception) -> Response:
    """Refuse an address that does not exist, or a method that it does not take."""
    status = getattr(error, "status_code", 404)
    if not request.url.path.startswith(API):
        return PlainTextResponse("There is nothing here.\n", status)
    headers = dict(getattr(error, "headers", None) or {})
    if status == 405:
        return refused(
            refusal("not_allowed", f"{request.method} is not allowed here.").problem, **headers
        )
    return refused(refusal("not_found", "There is nothing at this address.").problem)


async def _broken(request: Request, error: Exception) -> Response:
    return refused(told(error))


class _Page(StaticFiles):
    """Files of the page; files with a digest in their name never change."""

    def file_response(self, *args: Any, **settings: Any) -> Response:
        response = super().file_response(*args, **settings)
        hashed = Path(args[0]).parent.name == "assets"
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if hashed else "no-cache"
        )
        return response


def _page() -> list[BaseRoute]:
    if (PAGE / "index.html").is_file():
        return [Mount("/", _Page(directory=PAGE, html=True))]

    async def not_built(request: Request) -> Response:
        return PlainTextResponse(_NOT_BUILT, 503)

    return [Address("/", not_built)]

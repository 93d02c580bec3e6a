"""A request as its handler gets it: with an address, of the right type, and not too large."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from bactrian.web.calculator import Calculator
from bactrian.web.problems import SHOWN, RefusalError, refusal, unusable
from bactrian.web.work.child import Function

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

JSON, BYTES = "application/json", "application/octet-stream"
LOOK = 0.5  # seconds between two looks whether whoever asks is still there
SMALL = 16_384  # bytes of content of which all errors are found within milliseconds

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Asked:
    """A request.

    Parameters
    ----------
    calculator : Calculator
    request : Request
    """

    calculator: Calculator
    request: Request

    @property
    def id(self) -> str:
        """The id in the path."""
        return str(self.request.path_params["id"])

    @property
    def media_type(self) -> str:
        """Type of the content, without its parameters."""
        return self.request.headers.get("content-type", "").partition(";")[0].strip().lower()

    def query(self, kind: type[Model]) -> Model:
        """The query of the address, checked.

        Raises
        ------
        RefusalError
        """
        given = self.request.query_params
        unknown = next((name for name in given if name not in kind.model_fields), None)
        if unknown is not None:
            raise refusal(
                "invalid",
                f"There is no parameter {unknown[:SHOWN]!r} here.",
                got=unknown[:SHOWN],
                wanted=", ".join(kind.model_fields),
            )
        values: dict[str, Any] = {}
        for name, field in kind.model_fields.items():
            found = given.getlist(name)
            many = get_origin(field.annotation) is list
            if len(found) > 1 and not many:
                raise refusal("invalid", f"{name} is given twice.")
            if found:
                values[name] = found if many else found[0]
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            raise RefusalError(unusable(error)) from None

    async def body(self, kind: type[Model]) -> Model:
        """The content, checked.

        To be wrong in 300,000 places takes seconds, to be right does not: what is not small is
        looked through in a process of its own first.

        Raises
        ------
        RefusalError
        """
        self.check_type(JSON)
        most = self.calculator.capacity.request_bytes
        content = b"".join([piece async for piece in self.pieces(most)])
        if len(content) > SMALL:
            await self.check("requests.look_through", kind, content)
        try:
            return kind.model_validate_json(content)
        except ValidationError as error:
            raise RefusalError(unusable(error)) from None

    def check_type(self, *wanted: str) -> None:
        """Refuse content of another type, so that no form of another site counts as a request.

        Raises
        ------
        RefusalError
        """
        if self.media_type not in wanted:
            raise refusal(
                "content_type",
                "The content has the wrong type.",
                got=self.media_type or "no Content-Type",
                wanted=" or ".join(wanted),
            )

    async def stored(self, most: int) -> Path:
        """The content in a file that the server names; the caller removes the file.

        Raises
        ------
        RefusalError
        """
        path = self.calculator.draft()
        try:
            with path.open("wb") as file:
                async for piece in self.pieces(most):
                    file.write(piece)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    async def pieces(self, most: int) -> AsyncIterator[bytes]:
        """The content piece by piece, up to the size limit.

        Raises
        ------
        RefusalError
        """
        promised = self.request.headers.get("content-length", "")
        if promised.isdecimal() and int(promised) > most:
            raise _too_large(int(promised), most)
        size = 0
        try:
            async for piece in self.request.stream():
                size += len(piece)
                if size > most:
                    raise _too_large(size, most)
                yield piece
        except ClientDisconnect:
            raise _left() from None

    async def answer(self, function: Function, *arguments: Any) -> bytes:
        """Run a function in its own process, and return its answer; end it if the client leaves.

        Raises
        ------
        RefusalError
        """
        return await self._unless_left(self.calculator.questions.ask(function, *arguments))

    async def check(self, function: Function, *arguments: Any) -> None:
        """Let a separate process refuse the request if there is a reason.

        Raises
        ------
        RefusalError
        """
        await self._unless_left(self.calculator.checks.ask(function, *arguments))

    async def _unless_left(self, asking: Coroutine[Any, Any, bytes]) -> bytes:
        answer = asyncio.ensure_future(asking)
        try:
            while not (await asyncio.wait({answer}, timeout=LOOK))[0]:
                if await self.request.is_disconnected():
                    raise _left()
            return answer.result()
        finally:
            answer.cancel()
            await asyncio.wait({answer})  # and so writes no more


def _left() -> RefusalError:
    return refusal("invalid", "The client has left.")


def _too_large(size: int, most: int) -> RefusalError:
    return refusal(
        "too_large",
        "This is too large for the server.",
        got=f"{size} bytes or more",
        wanted=f"at most {most} bytes",
        remedy="Send fewer rows, or start the server with a greater --max-upload.",
    )

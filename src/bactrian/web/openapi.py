"""The description of the API, made from its routes and classes; ``openapi.json`` holds it.

``python -m bactrian.web.openapi`` writes that file anew.
"""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bactrian import __version__
from bactrian.web.asked import BYTES, JSON
from bactrian.web.handlers import DOCUMENT
from bactrian.web.routes import PREFIX, ROUTES, Route
from bactrian.web.schema import Problem

Part = dict[str, Any]

_REF = "#/components/schemas/{model}"
_ABOUT = (
    "The calculator of bactrian, which fits Gaussian mixtures on this machine. Send a table, ask "
    "for a fit of it, follow the job until it has ended, and ask what you like of the result. "
    "Errors are Problems: `code` for programs, `message` and `remedy` for people, `field` for "
    "the input that is to blame. Unused data and results are forgotten after a while."
)
_REASONS = {
    200: "As asked",
    201: "Held",
    202: "Accepted: the job begins, or ends soon",
    204: "Forgotten",
    400: "The content is not JSON",
    403: "Another site asks, or the token is missing",
    404: "Nothing has this id, or it was forgotten",
    409: "The job has not ended",
    413: "The content is too large",
    415: "The content is of another type",
    422: "What was sent cannot be used",
    429: "The server has too much to do",
    507: "The disk is full",
}
_EXAMPLES: dict[str, Part] = {
    "Table": {
        "name": "two groups",
        "columns": ["X1", "X2"],
        "rows": [[1.0, 1.1], [1.5, 1.4], [5.0, "4.8"], [5.5, None]],
    },
    "FitRequest": {
        "dataset": "Vb0xF3nSgPq1LmZ7",
        "columns": ["X1", "X2"],
        "settings": {"n_components": 2, "seed": 1},
    },
    "SearchRequest": {
        "dataset": "Vb0xF3nSgPq1LmZ7",
        "n_components": [1, 2, 3],
        "covariance_types": ["full", "tied"],
        "criterion": "bic",
    },
    "SampleRequest": {"n": 100, "seed": 1},
    "EvaluateRequest": {"rows": [[1.2, 1.0], [5.0, None]]},
}


def description() -> Part:
    """The document, OpenAPI 3.1."""
    paths: Part = {}
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "bactrian calculator",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Only where the server is open to other machines.",
                }
            },
        },
        "security": [{}, {"token": []}],
    }


def text() -> str:
    """The document as in its file."""
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"


def _schemas() -> Part:
    """All classes that the routes use, and the classes inside them."""
    kinds: dict[type[BaseModel], None] = {Problem: None}
    for route in ROUTES:
        for kind in (*(get_args(route.gives) or (route.gives,)), route.takes):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                kinds[kind] = None
    _, document = models_json_schema([(kind, "validation") for kind in kinds], ref_template=_REF)
    schemas: Part = document["$defs"]
    for name, example in _EXAMPLES.items():
        schemas[name]["examples"] = [example]
    return dict(sorted(schemas.items()))


def _operation(route: Route) -> Part:
    operation: Part = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": _parameters(route),
        "responses": {str(route.status): _answer(route)},
    }
    if route.method == "DELETE" and route.gives is not None:
        operation["responses"]["204"] = {"description": _REASONS[204]}
    for status in sorted({*route.problems, 403}):
        operation["responses"][str(status)] = _refusal(status)
    if route.takes is not None:
        operation["requestBody"] = _content(route)
    return operation


def _parameters(route: Route) -> list[Part]:
    found: list[Part] = []
    if "{id}" in route.path:
        schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
        found.append({"name": "id", "in": "path", "required": True, "schema": schema})
    if route.query is not None:
        own = route.query.model_json_schema(ref_template=_REF)
        for name, schema in own["properties"].items():
            required = name in own.get("required", ())
            found.append({"name": name, "in": "query", "required": required, "schema": schema})
    return found


def _answer(route: Route) -> Part:
    answer: Part = {"description": _REASONS[route.status]}
    if route.gives is None:
        return answer
    answer["content"] = {route.media: {"schema": _given(route)}}
    if route.media == BYTES:
        answer["headers"] = {
            "X-Bactrian-Rows": {
                "description": "Rows of the data set, of which these may be a sample.",
                "schema": {"type": "integer"},
            }
        }
    return answer


def _given(route: Route) -> Part:
    if route.media == BYTES:
        return {"type": "string", "contentMediaType": BYTES}
    if route.media != JSON:
        return {"type": "string"}
    kind = route.gives
    if get_origin(kind) is list:
        return {"type": "array", "items": _reference(get_args(kind)[0])}
    return {"type": "object"} if get_origin(kind) is dict else _reference(kind)


def _reference(kind: type[BaseModel]) -> Part:
    return {"$ref": _REF.format(model=kind.__name__)}


def _refusal(status: int) -> Part:
    answer: Part = {
        "description": _REASONS[status],
        "content": {JSON: {"schema": _reference(Problem)}},
    }
    if status == 429:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}
        }
    return answer


def _content(route: Route) -> Part:
    assert route.takes is not None
    content: Part = {JSON: {"schema": _reference(route.takes)}}
    if route.bytes_too:
        content[BYTES] = {"schema": {"type": "string", "contentMediaType": BYTES}}
    return {"required": True, "content": content}


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")

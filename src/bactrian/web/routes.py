"""The addresses of the API: what each one takes, returns and does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bactrian.web import handlers, schema
from bactrian.web.asked import BYTES, JSON, Asked

PREFIX = "/api/v1"

EVENTS, CSV = "text/event-stream", "text/csv"

Handler = Callable[[Asked], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """An address with a method.

    Parameters
    ----------
    method, path : str
        The path is below :data:`PREFIX`.
    handler : callable
    summary : str
    gives : type or None
        What the answer is of; a list of one kind is one of those.
    takes : type or None
        What the content must be.
    query : type or None
        What may stand behind the question mark.
    status : int
    media : str
        Type of the answer.
    problems : tuple of int
        Other possible statuses, besides those of all routes.
    bytes_too : bool
        Whether the content may be a file as well, which the query then describes.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    gives: Any = None
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    media: str = JSON
    problems: tuple[int, ...] = ()
    bytes_too: bool = False


ROUTES = (
    Route("GET", "/about", handlers.about, "What the server knows and takes", schema.About),
    Route("GET", "/openapi.json", handlers.description, "This description", dict[str, Any]),
    Route("GET", "/examples", handlers.examples, "The gallery of examples", list[schema.Example]),
    Route("GET", "/examples/{id}", handlers.example, "An example, with its rows",
          schema.ExampleData, problems=(404, 429)),
    Route("POST", "/datasets", handlers.add_dataset, "Send a table, or a file with one",
          schema.Dataset, schema.Table, schema.FileQuery, 201,
          problems=(400, 413, 415, 422, 429, 507), bytes_too=True),
    Route("GET", "/datasets/{id}", handlers.dataset, "What is known of a data set",
          schema.Dataset, problems=(404,)),
    Route("DELETE", "/datasets/{id}", handlers.forget_dataset, "Forget a data set",
          status=204, problems=(404,)),
    Route("GET", "/datasets/{id}/rows", handlers.rows, "Some rows", schema.DatasetRows,
          query=schema.RowsQuery, problems=(404, 422)),
    Route("GET", "/datasets/{id}/points", handlers.points,
          "Rows to draw: float64, little-endian, each after its number", bytes,
          query=schema.PointsQuery, media=BYTES, problems=(404, 422)),
    Route("POST", "/fits", handlers.add_fit, "Fit a mixture", schema.Job, schema.FitRequest,
          status=202, problems=(400, 404, 413, 415, 422, 429)),
    Route("POST", "/searches", handlers.add_search, "Fit several mixtures, and compare them",
          schema.Job, schema.SearchRequest, status=202,
          problems=(400, 404, 413, 415, 422, 429)),
    Route("GET", "/jobs/{id}", handlers.job, "The state of a job, and its result", schema.Job,
          problems=(404,)),
    Route("GET", "/jobs/{id}/events", handlers.events,
          "The job, sent each time it changes, until it has ended", schema.Job, media=EVENTS,
          problems=(404,)),
    Route("DELETE", "/jobs/{id}", handlers.end_job,
          "Cancel a job that runs, keeping the best so far; forget one that has ended",
          schema.Job, status=202, problems=(404,)),
    Route("GET", "/fits/{id}/frames", handlers.frames,
          "The steps from the starting values to the result", schema.Frames, problems=(404, 409)),
    Route("GET", "/fits/{id}/anomalies", handlers.anomalies, "The least likely rows",
          schema.Anomalies, query=schema.AnomaliesQuery, problems=(404, 409, 422, 429)),
    Route("POST", "/fits/{id}/sample", handlers.sample, "Draw rows from the mixture",
          schema.Sample, schema.SampleRequest, problems=(400, 404, 409, 413, 415, 422, 429)),
    Route("POST", "/fits/{id}/evaluate", handlers.evaluate,
          "Density and components of rows, new or old", schema.Evaluation,
          schema.EvaluateRequest, problems=(400, 404, 409, 413, 415, 422, 429)),
    Route("GET", "/fits/{id}/model", handlers.model, "The model file", dict[str, Any],
          problems=(404, 409)),
    Route("GET", "/fits/{id}/labels", handlers.labels,
          "Component, probabilities and log-density of each row", str, media=CSV,
          problems=(404, 409, 429)),
)  # fmt: skip

"""What the server does for each address. Nothing is computed here: processes do that."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response, StreamingResponse

from bactrian import __version__
from bactrian.vocabulary import STRUCTURES
from bactrian.web.asked import BYTES, JSON, Asked
from bactrian.web.drawing import points_in, rows_in
from bactrian.web.examples import BY_ID, ENTRIES
from bactrian.web.jobs import Job, Kind
from bactrian.web.orders import DataShape, Order, read_options
from bactrian.web.problems import refusal
from bactrian.web.schema import (
    About,
    AnomaliesQuery,
    Dataset,
    EvaluateRequest,
    Example,
    FileQuery,
    FitRequest,
    PointsQuery,
    RowsQuery,
    RowsToFit,
    SampleRequest,
    SearchRequest,
    Settings,
    Structure,
)

DOCUMENT = Path(__file__).with_name("openapi.json")


async def about(asked: Asked) -> About:
    """What the server knows."""
    return About(
        version=__version__,
        limits=asked.calculator.capacity.told,
        structures=[
            Structure(name=one.name, mclust=one.letters, sentence=one.about) for one in STRUCTURES
        ],
        defaults=Settings(),
    )


async def description(asked: Asked) -> Response:
    """The description of the API itself."""
    return FileResponse(DOCUMENT, media_type=JSON)


# ---- examples


async def examples(asked: Asked) -> list[Example]:
    """The gallery."""
    return [entry.told for entry in ENTRIES]


async def example(asked: Asked) -> Response:
    """One example of the gallery, with its rows; they are made at the first request."""
    entry = BY_ID.get(asked.id)
    if entry is None:
        raise refusal("not_found", "There is no example with this id.")
    known = asked.calculator.examples
    if entry.id not in known:
        made = entry.quick and entry.data.model_dump_json().encode()
        known[entry.id] = made or await asked.answer("gallery.example", entry.id)
    return _json(known[entry.id])


# ---- data


async def add_dataset(asked: Asked) -> Response:
    """Take a table as JSON, or a file."""
    asked.check_type(JSON, BYTES)
    calculator, capacity = asked.calculator, asked.calculator.capacity
    typed = asked.media_type == JSON
    query = asked.query(FileQuery)
    body = await asked.stored(capacity.table_bytes if typed else capacity.upload_bytes)
    try:
        with calculator.place() as place:
            if typed:
                answer = await asked.answer("tables.take_table", body, place)
            else:
                answer = await asked.answer("files.take_file", body, query, place)
            options = {} if typed else read_options(query)
            calculator.hold(place, answer, options, is_file=not typed)
    finally:
        body.unlink(missing_ok=True)
    return _json(answer, 201)


async def dataset(asked: Asked) -> Dataset:
    """What is known of a data set."""
    return asked.calculator.datasets.get(asked.id).told


async def forget_dataset(asked: Asked) -> Response:
    """Forget a data set."""
    held = asked.calculator.datasets.get(asked.id)
    asked.calculator.datasets.forget(held.id)
    return Response(status_code=204)


async def rows(asked: Asked) -> Response:
    """Some rows."""
    query = asked.query(RowsQuery)
    held = asked.calculator.datasets.get(asked.id)
    return _json(await asyncio.to_thread(rows_in, held, query))


async def points(asked: Asked) -> Response:
    """Rows to draw."""
    query = asked.query(PointsQuery)
    held = asked.calculator.datasets.get(asked.id)
    places = held.places(query.column)
    body = await asyncio.to_thread(points_in, held, places, query.limit)
    return Response(body, media_type=BYTES, headers={"X-Bactrian-Rows": str(held.told.n_rows)})


# ---- jobs


async def add_fit(asked: Asked) -> Response:
    """Queue a fit."""
    request = await asked.body(FitRequest)
    _check_components(asked, [request.settings.n_components], "n_components")
    return await _queue(asked, "fit", request, request.settings)


async def add_search(asked: Asked) -> Response:
    """Queue a search."""
    request = await asked.body(SearchRequest)
    _check_components(asked, request.n_components, "n_components")
    return await _queue(asked, "search", request, request)


def _check_components(asked: Asked, counts: list[int], field: str) -> None:
    most = asked.calculator.capacity.components
    if max(counts) > most:
        raise refusal(
            "too_large",
            f"{max(counts)} components are too many for this server.",
            field=field,
            got=str(max(counts)),
            wanted=f"at most {most}",
        )


async def _queue(asked: Asked, kind: Kind, rows: RowsToFit, argument: Any) -> Response:
    """Queue a job, unless it is already known that it will fail."""
    calculator = asked.calculator
    held = calculator.datasets.get(rows.dataset, "dataset")
    names = held.chosen(rows)
    shape = DataShape(held.told.name, held.told.n_rows, len(names))
    await asked.check(f"requests.check_{kind}", argument, shape)
    calculator.datasets.get(rows.dataset, "dataset")  # it may have been forgotten meanwhile
    places = tuple(held.places(names))
    calculator.queue.check_room()
    name, folder = calculator.jobs.place()
    order = Order(
        folder=folder,
        values=held.values,
        places=places,
        told={role: held.names.index(name) for role, name in rows.told.items()},
        names=tuple(names),
        origin=held.origin,
        rows=rows,
    )
    function = "fits.fit" if kind == "fit" else "searches.search"
    job = Job(name, kind, folder, held, function, (order, argument), places)
    calculator.jobs.put(job)
    calculator.queue.add(job)
    return _json(await job.document(), 202)


async def job(asked: Asked) -> Response:
    """The state of a job."""
    return _json(await asked.calculator.job(asked.id).document())


async def events(asked: Asked) -> Response:
    """A job, sent each time it changes."""
    found = asked.calculator.job(asked.id)
    return StreamingResponse(found.events(), media_type="text/event-stream")


async def end_job(asked: Asked) -> Response:
    """Cancel a job, or forget one that has ended."""
    found = asked.calculator.job(asked.id)
    if found.ended:
        asked.calculator.jobs.forget(found.id)
        return Response(status_code=204)
    asked.calculator.queue.cancel(found)
    return _json(await found.document(), 202)


# ---- fits


async def frames(asked: Asked) -> Response:
    """The steps to the result."""
    return FileResponse(asked.calculator.fit(asked.id).folder / "frames.json", media_type=JSON)


async def anomalies(asked: Asked) -> Response:
    """The least likely rows."""
    query = asked.query(AnomaliesQuery)
    found = asked.calculator.fit(asked.id)
    arguments = (found.folder, found.dataset.values, found.places, query)
    return _json(await asked.answer("questions.anomalies", *arguments))


async def sample(asked: Asked) -> Response:
    """Rows drawn from the mixture."""
    request = await asked.body(SampleRequest)
    found = asked.calculator.fit(asked.id)
    return _json(await asked.answer("questions.sample", found.folder, request))


async def evaluate(asked: Asked) -> Response:
    """Density and components of rows."""
    request = await asked.body(EvaluateRequest)
    found = asked.calculator.fit(asked.id)
    return _json(await asked.answer("questions.evaluate", found.folder, request))


async def model(asked: Asked) -> Response:
    """The model file."""
    path = asked.calculator.fit(asked.id).folder / "model.json"
    return FileResponse(path, media_type=JSON, filename="model.json")


async def labels(asked: Asked) -> Response:
    """Components of all rows."""
    found = asked.calculator.fit(asked.id)
    path = found.folder / "labels.csv"
    if not path.exists():
        arguments = (found.folder, found.dataset.values, found.places)
        await asked.answer("questions.labels", *arguments)
    return FileResponse(path, media_type="text/csv", filename="labels.csv")


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type=JSON)

"""Describe the model file from its table of fields: as JSON Schema, and for the docs.

``python -m bactrian.storage.schema`` writes both anew: ``model.schema.json`` and, in a checkout,
the marked parts of ``docs/model-file.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bactrian.storage.fields import DOCUMENT, FIELDS, VERSION
from bactrian.storage.kinds import Field
from bactrian.storage.training import TRAINING

WIDTH = 99
SCHEMA = Path(__file__).with_name("model.schema.json")
PAGE = Path(__file__).parents[3] / "docs" / "model-file.md"
_BEYOND = (
    "K is n_components, D is n_features. Lengths of lists, sums and positive definiteness are "
    "checked by the reader."
)


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Gaussian mixture, model file of bactrian, version {VERSION}",
        "description": _BEYOND,
        **DOCUMENT.schema,
    }


def text() -> str:
    """The schema as in its file."""
    return "".join(_laid_out(schema(), "", 0)) + "\n"


def page(before: str) -> str:
    """The page of the docs, with its marked parts written anew."""
    parts = {
        "fields": "\n".join(_table(FIELDS)),
        "training": "\n".join(_table(TRAINING)),
        "schema": f"```json\n{text()}```",
    }
    for name, content in parts.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        head, _, rest = before.partition(begin)
        before = head + begin + content + end + rest.partition(end)[2]
    return before


def _table(fields: Sequence[Field]) -> Iterator[str]:
    yield "| field | value | meaning |"
    yield "| --- | --- | --- |"
    yield from _rows(fields, "")


def _rows(fields: Sequence[Field], prefix: str) -> Iterator[str]:
    for field in fields:
        since = f" Since version {field.since}." if field.since > 1 else ""
        meaning = field.meaning + since
        yield f"| `{prefix}{field.name}` | {field.kind.words} | {meaning} |"
        yield from _rows(field.kind.fields, f"{prefix}{field.name}{field.kind.path}")


def _laid_out(value: Any, indent: str, used: int) -> Iterator[str]:
    """JSON text, with an object or list on one line if it fits; `used` is what precedes it."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + used + len(line) < WIDTH or not isinstance(value, dict | list):
        yield line
        return
    inner, (opening, closing) = indent + "  ", "{}" if isinstance(value, dict) else "[]"
    entries = value.items() if isinstance(value, dict) else ((None, entry) for entry in value)
    comma = opening
    for name, entry in entries:
        head = "" if name is None else f"{json.dumps(name)}: "
        yield f"{comma}\n{inner}{head}"
        yield from _laid_out(entry, inner, len(head))
        comma = ","
    yield f"\n{indent}{closing}"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    if PAGE.exists():
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

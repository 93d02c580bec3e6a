"""Text of a model file: read without trust, and written completely or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from bactrian.errors import ModelFileError

WANTED = "a model file of bactrian (JSON)"
_MADE_BY = "A model file is what `bactrian fit -o FILE` or MixtureModel.save() wrote."


def read_text(path: str | os.PathLike[str]) -> str:
    """Read the text of a file.

    Raises
    ------
    ModelFileError
        If there is no such file, it may not be read or is no text.
    """
    where = os.fspath(path)
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ModelFileError(where, "", "there is no such file", "", "Check the path.") from error
    except IsADirectoryError as error:
        remedy = "Name a file in it."
        raise ModelFileError(where, "", "a directory", WANTED, remedy) from error
    except UnicodeDecodeError as error:
        remedy = "Binary files (pickle, ONNX) cannot be loaded; save the model with save()."
        raise ModelFileError(where, "", "a file that is not text", WANTED, remedy) from error
    except (OSError, ValueError) as error:
        raise ModelFileError(where, "", _reason(error), f"{WANTED} that can be read") from error


def parse(text: str, where: str) -> Any:
    """Parse a JSON text; NaN, infinities and repeated names are refused.

    Raises
    ------
    ModelFileError
    """

    def refused(name: str) -> Any:
        remedy = "JSON has no such number."
        raise ModelFileError(where, "", name, "a JSON text of finite numbers", remedy)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                got = f"{_short(name)} twice in one object"
                raise ModelFileError(where, "", got, "a JSON text without repeated names")
            found[name] = value
        return found

    if not text.strip():
        raise ModelFileError(where, "", "an empty file", WANTED, "Save the model again.")
    try:
        return json.loads(text, parse_constant=refused, object_pairs_hook=unique)
    except ModelFileError:
        raise
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith("{"):
            got = "this is not a model file"
            raise ModelFileError(where, "", got, "", _MADE_BY) from error
        got = f"a fault at line {error.lineno}, column {error.colno} ({error.msg})"
        remedy = "If the file was cut off, save the model again."
        raise ModelFileError(where, "", got, "whole JSON", remedy) from error
    except RecursionError as error:
        got = "objects or lists nested too deeply"
        raise ModelFileError(where, "", got, WANTED) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise ModelFileError(where, "", f"a number beyond limits ({error})", WANTED) from error


def spell(document: dict[str, Any]) -> str:
    """JSON text of a document, one field per line; floats have their shortest exact spelling."""
    return _spell(document, "", 2) + "\n"


def _spell(value: Any, indent: str, levels: int) -> str:
    if not isinstance(value, dict) or not value or levels == 0:
        return _line(value)
    inner = indent + "  "
    lines = (
        f"{inner}{_line(name)}: {_spell(entry, inner, levels - 1)}"
        for name, entry in value.items()
    )
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _line(value: Any) -> str:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair has a spelling in ASCII only
        return json.dumps(value, allow_nan=False)
    return text


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file completely or not at all; until then an older file stays.

    Raises
    ------
    ModelFileError
        If it cannot be written.
    """
    where = os.fspath(path)
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)  # a pipe or a device
        else:
            _replace(target, content)
    except FileNotFoundError as error:
        got = f"no directory {str(Path(path).parent)!r}"
        wanted = "a file in a directory that exists"
        raise ModelFileError(where, "", got, wanted, "Make the directory first.") from error
    except (OSError, ValueError) as error:
        raise ModelFileError(where, "", _reason(error), "a file that can be written") from error


def _replace(target: Path, content: bytes) -> None:
    if target.is_dir():
        raise IsADirectoryError(0, "a directory")
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    with suppress(OSError):  # the new name, too, survives a power cut (not on every system)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _reason(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(error)
    return words[:1].lower() + words[1:]


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")

"""The words of the command line."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from bactrian.faces import Face, columns_of, upper_first
from bactrian.phrases import Column, Parameter, Part
from bactrian.remedies import ChooseColumns, LeaveOutColumns, Remedy, Say
from bactrian.vocabulary import BAYES, SETTINGS

OPTIONS = {
    **{
        setting.name: setting.option
        for setting in (*SETTINGS.values(), *BAYES.values())
        if setting.option
    },
    "sample_weight": "--weights-column",
    "labels_column": "--labels-column",
    "y": "--labels-column",
    "resume": "--resume",
    "criterion": "--criterion",
    "sign": "--sign",
    "cv": "--cv",
    "n_resamples": "--bootstrap-test",
    "confidence_level": "--level",
    "columns": "--columns",
    "exclude": "--exclude",
    "header": "--header",
    "delimiter": "--delimiter",
    "decimal": "--decimal",
    "thousands": "--thousands",
    "missing_values": "--missing-values",
    "skip_lines": "--skip-lines",
    "format": "--format",
}
ARGUMENTS = {"X": "the data", "model": "MODEL"}


class CommandLine(Face):
    """The words of the command line: options for parameters, ready to paste."""

    def subject(self, part: Part) -> str:
        """Words that begin a sentence."""
        words = self.words(part)
        return upper_first(words) if part == Parameter("X") else words

    def parameter(self, name: str) -> str:
        """Spell the option of a parameter."""
        return OPTIONS.get(name) or ARGUMENTS.get(name, name)

    def setting(self, parameter: str, value: object) -> str:
        """Spell an option with its value."""
        option = self.parameter(parameter)
        if columns := columns_of(value):
            return f"{option} {_choice(columns)}"
        if isinstance(value, tuple):
            return f"{option}={shlex.quote(','.join(map(str, value)))}"
        if isinstance(value, bool):
            return option if value else option.replace("--", "--no-", 1)
        plain = not isinstance(value, str) or value.isalnum()
        return f"{option} {value if plain else repr(value)}"

    def remedies(self, remedies: Iterable[Remedy]) -> str:
        """Sentences on what to do; no full stop follows columns, so that they can be pasted."""
        told = tuple(remedies)
        words = super().remedies(told)
        pasted = bool(told) and isinstance(told[-1], ChooseColumns)
        return words.removesuffix(".") if pasted else words

    def remedy(self, remedy: Remedy) -> str:
        """Spell a remedy as a clause."""
        match remedy:
            case Say(parameter, value):
                return f"give {self.setting(parameter, value)}"
            case ChooseColumns(columns):
                return f"choose the numeric columns: {self.setting('columns', columns)}"
            case LeaveOutColumns(columns):
                which = "the column" if len(columns) == 1 else "the columns"
                return f"leave {which} out of the fit: {self.setting('exclude', columns)}"
        return super().remedy(remedy)


def _choice(columns: Iterable[Column]) -> str:
    """Columns with commas between them, quoted for a shell."""
    return shlex.quote(",".join(map(_choosable, columns)))


def _choosable(column: Column) -> str:
    """The name, or the position if an option cannot hold the name."""
    name = column.called
    plain = name.isprintable() and "," not in name and name == name.strip()
    return name if plain or column.position is None else str(column.position)


COMMAND_LINE = CommandLine()

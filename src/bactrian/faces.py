"""How errors and notes are put into words, for Python. Other faces spell the names anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bactrian.phrases import (
    Column,
    Parameter,
    ParameterValue,
    Part,
    Phrase,
    Place,
    Statement,
    listed,
)
from bactrian.remedies import (
    Act,
    Advice,
    ChooseColumns,
    LeaveOut,
    LeaveOutColumns,
    Lower,
    Raise,
    Remedy,
    Say,
)


class Told(Protocol):
    """What a face can put into words: an error."""

    remedies: tuple[Remedy, ...]
    between: str

    def statement(self, face: Face) -> str:
        """Say what is wrong, as a sentence without its full stop."""


class Face:
    """The words of Python. A subclass spells parameters, settings and remedies in its own way."""

    def message(self, told: Told) -> str:
        """Say what is wrong and what to do."""
        parts = (f"{told.statement(self)}.", self.remedies(told.remedies))
        return told.between.join(filter(None, parts))

    def words(self, part: Part) -> str:
        """Fill the gaps of a phrase; plain text stays unchanged."""
        match part:
            case str():
                return part
            case Parameter(name):
                return self.parameter(name)
            case ParameterValue(parameter, value):
                return self.setting(parameter, value)
            case Place():
                return str(part)
            case Statement(error):
                statement: str = error.statement(self)
                return statement
            case Phrase(parts=parts):
                return "".join(map(self.words, parts))

    def subject(self, part: Part) -> str:
        """Words that can begin a sentence."""
        return self.words(part)

    def parameter(self, name: str) -> str:
        """Spell a parameter."""
        return name

    def setting(self, parameter: str, value: object) -> str:
        """Spell a parameter and its value."""
        if columns := columns_of(value):
            value = [column.called for column in columns]
        elif isinstance(value, tuple):
            value = list(value)
        return f"{parameter}={value!r}"

    def remedies(self, remedies: Iterable[Remedy]) -> str:
        """Sentences on what to do. Remedies that replace one another share a sentence."""
        sentences: list[str] = []
        choices: list[str] = []
        for remedy in remedies:
            if isinstance(remedy, Advice):
                sentences += [*_sentence(choices), self.words(remedy.words)]
                choices = []
            elif (clause := self.remedy(remedy)) not in choices:
                choices.append(clause)
        return " ".join(filter(None, [*sentences, *_sentence(choices)]))

    def remedy(self, remedy: Remedy) -> str:
        """Spell a remedy as a clause: ``lower n_components``."""
        match remedy:
            case Say(parameter, value):
                return f"set {self.setting(parameter, value)}"
            case Lower(parameter, to):
                return self._move("lower", parameter, to)
            case Raise(parameter, to):
                return self._move("raise", parameter, to)
            case LeaveOut(parameters):
                one_of = "one of " if len(parameters) > 1 else ""
                return f"leave out {one_of}{' and '.join(map(self.parameter, parameters))}"
            case ChooseColumns(columns):
                return f"choose the columns: {self.setting('columns', columns)}"
            case LeaveOutColumns(columns):
                return f"leave out the column{'s' * (len(columns) > 1)} {shown(columns)}"
            case Act(words) | Advice(words):
                return self.words(words)

    def _move(self, verb: str, parameter: str, to: object) -> str:
        return f"{verb} {self.parameter(parameter)}{'' if to is None else f' to {to}'}"


def columns_of(value: object) -> tuple[Column, ...]:
    """The columns in a value, if the value is a choice of columns."""
    if not isinstance(value, tuple):
        return ()
    return tuple(column for column in value if isinstance(column, Column))


def shown(columns: Iterable[Column]) -> str:
    """Names of columns in quotation marks, for a text."""
    return listed([column.called for column in columns])


def upper_first(text: str) -> str:
    """Text with a capital letter at the beginning."""
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(clauses: list[str]) -> list[str]:
    """Join clauses into one sentence; no clauses give no sentence."""
    if not clauses:
        return []
    *others, last = clauses
    joined = f"{', '.join(others)}, or {last}" if others else last
    return [f"{upper_first(joined)}."]


PYTHON = Face()

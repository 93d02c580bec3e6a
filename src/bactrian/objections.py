"""What speaks against a fit, or should be known about it: facts as values, and their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, assert_never, final, get_args

from bactrian.phrases import counted, is_are

LISTED = 5  # columns that are named


# ---- what speaks against convergence


@final
@dataclass(frozen=True)
class Interrupted:
    """The fit was interrupted; the result is the best so far, on that number of rows."""

    kind: ClassVar[str] = "interrupted"
    n_iter: int
    n_samples: int


@final
@dataclass(frozen=True)
class Limit:
    """EM reached the limit of iterations."""

    kind: ClassVar[str] = "limit"
    max_iter: int


@final
@dataclass(frozen=True)
class GainToCome:
    """The mean log-likelihood would still rise by this many nats."""

    kind: ClassVar[str] = "gain_to_come"
    gain: float


@final
@dataclass(frozen=True)
class Plateau:
    """The gains have not begun to shrink."""

    kind: ClassVar[str] = "plateau"


@final
@dataclass(frozen=True)
class Gradient:
    """The gradient is not 0."""

    kind: ClassVar[str] = "gradient"
    largest: float


@final
@dataclass(frozen=True)
class Collapse:
    """A component is dead or near collapse.

    Parameters
    ----------
    component : int
        Counted from 0.
    rows : float
        How many rows it holds, effectively.
    smallest_deviation : float
        Smallest standard deviation in any direction, relative to the columns'.
    """

    kind: ClassVar[str] = "collapse"
    component: int
    rows: float
    smallest_deviation: float

    @property
    def dead(self) -> bool:
        """Whether the component has no rows left."""
        return self.rows == 0.0


@final
@dataclass(frozen=True)
class MoreCollapses:
    """More components are dead or near collapse; they are counted from 0."""

    kind: ClassVar[str] = "more_collapses"
    components: tuple[int, ...]


@final
@dataclass(frozen=True)
class Unsettled:
    """The curvature shows a higher point, but the way there collapses or does not end."""

    kind: ClassVar[str] = "unsettled"


# ---- what makes the numbers doubtful, or should be known about them


@final
@dataclass(frozen=True)
class OnSpike:
    """A component is a value that many rows share; this is no collapse.

    Parameters
    ----------
    component : int
        Counted from 0.
    rows : float
        How many rows it holds, effectively.
    of : int
        How many rows there are.
    features : tuple of int
        Columns in which its rows are equal, counted from 0.
    columns : tuple of str
        What they are called.
    values : tuple of float
        To what, one for each of these columns.
    """

    kind: ClassVar[str] = "spike"
    component: int
    rows: float
    of: int
    features: tuple[int, ...]
    columns: tuple[str, ...]
    values: tuple[float, ...]


@final
@dataclass(frozen=True)
class Collinear:
    """Columns are linear functions of each other."""

    kind: ClassVar[str] = "collinear"
    columns: tuple[str, ...]


@final
@dataclass(frozen=True)
class Flat:
    """The rows vary in fewer directions than there are columns; the cause is not a few columns.

    Parameters
    ----------
    directions, columns : int
        Columns that are constant are left out.
    distinct, rows : int
        How many different rows there are, and how many in all.
    """

    kind: ClassVar[str] = "flat"
    directions: int
    columns: int
    distinct: int
    rows: int


@final
@dataclass(frozen=True)
class Constant:
    """Columns do not vary."""

    kind: ClassVar[str] = "constant"
    columns: tuple[str, ...]


@final
@dataclass(frozen=True)
class FewRows:
    """There are few rows for all free parameters."""

    kind: ClassVar[str] = "few_rows"
    rows: int
    parameters: int


@final
@dataclass(frozen=True)
class NoCounts:
    """The row weights look like shares of the rows, not like counts.

    Parameters
    ----------
    weight : float
        Their sum, the n of the criteria.
    rows : int
    """

    kind: ClassVar[str] = "weights"
    weight: float
    rows: int


@final
@dataclass(frozen=True)
class OnBothSides:
    """A component of a single column that is the most probable one on both sides of others.

    Parameters
    ----------
    component : int
        Counted from 0.
    between : tuple of int
        Those that are the most probable from `low` to `high`, counted from 0.
    low, high : float
        Up to where it is the most probable, and from where on it is so again.
    """

    kind: ClassVar[str] = "both_sides"
    component: int
    between: tuple[int, ...]
    low: float
    high: float


@final
@dataclass(frozen=True)
class SmallComponent:
    """A component (counted from 0) holds few rows for its own parameters."""

    kind: ClassVar[str] = "small_component"
    component: int
    rows: float
    parameters: int


@final
@dataclass(frozen=True)
class StartsDisagree:
    """Only one start reached the best optimum.

    Parameters
    ----------
    starts : int
        Those that came to an end.
    shortfalls : tuple of float
        By how much the other optima are below the best, in nats; not of collapsed ones.
    """

    kind: ClassVar[str] = "starts"
    starts: int
    shortfalls: tuple[float, ...]


@final
@dataclass(frozen=True)
class CollapsedStarts:
    """Some of all starts ended with a collapsed component."""

    kind: ClassVar[str] = "collapsed_starts"
    collapsed: int
    starts: int


@final
@dataclass(frozen=True)
class FailedStart:
    """A start failed."""

    kind: ClassVar[str] = "failed_start"
    why: str


@final
@dataclass(frozen=True)
class EmptyRows:
    """Rows without any observed value."""

    kind: ClassVar[str] = "empty_rows"
    rows: int


@final
@dataclass(frozen=True)
class Unvalidated:
    """Cross-validation failed."""

    kind: ClassVar[str] = "unvalidated"
    why: str


@final
@dataclass(frozen=True)
class AtTheEdge:
    """The best of a search has the most components that were tried, or the fewest."""

    kind: ClassVar[str] = "edge"
    n_components: int
    fewest: int
    most: int


@final
@dataclass(frozen=True)
class Remark:
    """What a file says only in words: the file is older than codes and facts, or newer."""

    kind: ClassVar[str] = "remark"
    text: str


# ---- all of them


Objection = (
    Interrupted
    | Limit
    | GainToCome
    | Plateau
    | Gradient
    | Collapse
    | MoreCollapses
    | Unsettled
    | OnSpike
    | Collinear
    | Flat
    | Constant
    | FewRows
    | NoCounts
    | OnBothSides
    | SmallComponent
    | StartsDisagree
    | CollapsedStarts
    | FailedStart
    | EmptyRows
    | Unvalidated
    | AtTheEdge
    | Remark
)
KINDS: Mapping[str, type[Objection]] = {one.kind: one for one in get_args(Objection)}


def few_rows(n_samples: int, n_parameters: int) -> tuple[FewRows, ...]:
    """The objection to fewer than two rows per parameter; empty otherwise."""
    return (FewRows(n_samples, n_parameters),) if n_samples < 2 * n_parameters else ()


def sentences(
    objections: Iterable[Objection], called: Callable[[str], str] = str
) -> tuple[str, ...]:
    """Objections in words; `called` is as for :func:`words`."""
    return tuple(words(one, called) for one in objections)


def words(objection: Objection, called: Callable[[str], str] = str) -> str:
    """An objection as a clause, without a capital or a full stop.

    Parameters
    ----------
    objection : Objection
    called : callable, optional
        Puts the names of parameters as the command line does, where they are Python's.

    Returns
    -------
    str
    """
    match objection:
        case Interrupted(n_iter, n_samples):
            iterations, rows = counted(n_iter, "iteration"), counted(n_samples, "row")
            return f"interrupted after {iterations}; this is the best result so far, on {rows}"
        case Limit(max_iter):
            return f"stopped at the limit of {max_iter} iterations"
        case GainToCome(gain):
            return f"about {gain:.2g} nats a sample are still to come"
        case Plateau():
            return "the gains in likelihood have not begun to shrink: it is a saddle or a plateau"
        case Gradient(largest):
            return f"the largest entry of the gradient is {largest:.2g}"
        case Collapse(component) if objection.dead:
            return f"component {component + 1} died: it has no rows left"
        case Collapse(component, held, smallest):
            plural = "" if f"{held:.3g}" == "1" else "s"
            return (
                f"component {component + 1} is close to collapse: it holds {held:.3g} row{plural} "
                f"and its smallest standard deviation is {smallest:.2g} of the columns'"
            )
        case MoreCollapses(components):
            numbers = ", ".join(str(component + 1) for component in components)
            return f"{len(components)} more components died or are close to collapse: {numbers}"
        case OnSpike(component, held, of, _, columns, values):
            numbers = ", ".join(f"{value:g}" for value in values[:LISTED])
            more = f" and {len(columns) - LISTED} more" if len(columns) > LISTED else ""
            plural = "s" * (len(values) > 1)
            return (
                f"component {component + 1} is the value{plural} {numbers} of "
                f"column{plural} {', '.join(columns[:LISTED])}{more}: {held:g} of {of} rows have "
                f"exactly {'these values' if plural else 'this value'}. The height of its density "
                "is a convention, so compare likelihoods only between mixtures with this component"
            )
        case Unsettled():
            return "continuing from there led to a collapse, or did not end"
        case Collinear(columns):
            return f"columns {', '.join(columns)} are collinear: drop one of them"
        case Flat(directions, columns_in_all, distinct, in_all):
            return (
                f"the {in_all} rows ({distinct} of them different) vary in {directions} "
                f"directions of {columns_in_all}: in the others no component has a volume, "
                "whatever the start. Leave out columns that follow from others, such as one "
                f"indicator of each code, or choose {called('covariance_type')} diag, a "
                f"{called('prior')}, or a number for {called('reg_covar')}"
            )
        case Constant(columns):
            more = f" and {len(columns) - LISTED} more" if len(columns) > LISTED else ""
            which = f"column{'s' * (len(columns) > 1)} {', '.join(columns[:LISTED])}{more}"
            return (
                f"{which} {is_are(len(columns))} constant; leave it out, because its density "
                "is a convention"
            )
        case FewRows(few, parameters):
            return (
                f"{few} rows are few for {parameters} free parameters; "
                f"lower {called('n_components')} or choose a simpler {called('covariance_type')}"
            )
        case NoCounts(weight, rows):
            return (
                f"the weights of {counted(rows, 'row')} sum to {weight:g}, and the criteria take "
                "that for the number of rows: give counts (how many rows each stands for) as "
                f"{called('sample_weight')}, or nothing"
            )
        case OnBothSides(component, between, low, high):
            others = " and ".join(str(k + 1) for k in between)
            return (
                f"component {component + 1} is the most probable up to {low:g} and again from "
                f"{high:g} on, on both sides of component{'s' * (len(between) > 1)} {others}: "
                f"if that makes no sense, set {called('covariance_type')} to tied (one variance "
                f"for all), or raise {called('n_components')}"
            )
        case SmallComponent(component, held, own):
            return (
                f"component {component + 1} holds about {held:.2g} rows, few for "
                f"{counted(own, 'parameter')} of its own"
            )
        case StartsDisagree(starts, falls):
            ends = " to ".join(dict.fromkeys(f"{end(falls):.3g}" for end in (min, max) if falls))
            fell = f"; the others ended {ends} nats lower" if falls else ""
            return f"only one of {counted(starts, 'start')} led to this optimum{fell}"
        case CollapsedStarts(collapsed, starts):
            return f"{collapsed} of {counted(starts, 'start')} ended with a collapsed component"
        case FailedStart(why):
            return f"a start failed: {why}"
        case EmptyRows(empty):
            return f"{counted(empty, 'row')} without any value {is_are(empty)} ignored"
        case Unvalidated(why):
            return f"cross-validation failed: {why}"
        case AtTheEdge(best, fewest, most):
            end, change = ("most", "raise") if best == most else ("fewest", "lower")
            return (
                f"the best has {counted(best, 'component')}, the {end} that were tried "
                f"({fewest} to {most}): {change} {called('n_components')} to see whether others "
                "are better"
            )
        case Remark(text):
            return text
    assert_never(objection)

"""Time of an EM iteration, beside scikit-learn and those of the peers that are installed.

All start from the same parameters, and after three iterations must be in the same place; only
then is the time taken, in turn. ``make bench-peers`` installs the peers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from checking import check_same_parameters
from iterations import drawn, enough, per_iteration
from measuring import Row, benchmark, in_turn, label, medians, table
from peers import PEERS, ours, start_from


@dataclass(frozen=True)
class Size:
    """A mixture to iterate on, and how many times faster than the peers ours is to be."""

    covariance_type: str
    n_samples: int
    n_features: int
    n_components: int
    targets: tuple[tuple[str, float], ...]

    @property
    def label(self) -> str:
        return label(self.covariance_type, self.n_samples, self.n_features, self.n_components)

    def reduced(self) -> Size:
        small = (2000, min(self.n_features, 8), min(self.n_components, 4))
        return Size(self.covariance_type, *small, self.targets)


def size(kind: str, n: int, d: int, k: int, sklearn: float, onedal: float | None = None) -> Size:
    targets = [("scikit-learn", sklearn), ("oneDAL", onedal)]
    return Size(kind, n, d, k, tuple((name, value) for name, value in targets if value))


SIZES = (
    size("full", 1_000_000, 2, 3, 200, 5),
    size("full", 1_000_000, 2, 8, 400, 5),
    size("full", 1_000_000, 8, 8, 80, 5),
    size("full", 200_000, 32, 16, 12, 2),
    size("full", 100_000, 64, 32, 8, 2),
    size("full", 50_000, 128, 16, 4, 1.5),
    size("diag", 1_000_000, 8, 8, 80),
    size("spherical", 1_000_000, 8, 8, 80),
    size("tied", 1_000_000, 8, 8, 80),
)
CHECKED = 3  # iterations after which the parameters are compared


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    for one in SIZES:
        if arguments.part in one.label:
            yield measure_one(one.reduced() if arguments.quick else one, arguments)


def measure_one(one: Size, arguments: argparse.Namespace) -> Row:
    mixture = drawn(one.n_samples, one.n_features, one.n_components)
    X, start = mixture.X, start_from(mixture, one.covariance_type)
    runs: dict[str, Callable] = {"bactrian": partial(ours, X, start)}
    differences = {}
    answer = ours(X, start, CHECKED)
    for name, peer in PEERS.items():
        if name in arguments.peers and peer.installed and one.covariance_type in peer.structures:
            theirs = peer.run(X, start, CHECKED)
            differences[name] = check_same_parameters(theirs, answer, peer.rtol)
            runs[name] = partial(peer.run, X, start)
    wanted = 0.02 if arguments.quick else arguments.seconds
    contenders = {
        name: partial(per_iteration, run, enough(run, wanted)) for name, run in runs.items()
    }
    slow = {name: contenders.pop(name) for name in list(runs) if is_slow(name)}
    times = in_turn(contenders, arguments.rounds) | in_turn(slow, 1)
    return {
        "covariance_type": one.covariance_type,
        "n_samples": one.n_samples,
        "n_features": one.n_features,
        "n_components": one.n_components,
        "seconds": medians(times),
        "rounds": times,
        "difference": differences,
        "targets": dict(one.targets),
    }


def is_slow(name: str) -> bool:
    return name in PEERS and PEERS[name].slow


def report(rows: list[Row]) -> Iterator[str]:
    peers = [name for name in PEERS if any(name in row["seconds"] for row in rows)]
    wanted = {name for row in rows for name in row["targets"]}
    header = ["n × d, K, structure", "bactrian, ms", "ns a row and component"]
    for name in peers:
        header += [f"{name}, ms", "ratio", *(["wanted"] if name in wanted else [])]
    yield from table(header, (cells(row, peers, wanted) for row in rows))


def cells(row: Row, peers: list[str], wanted: set[str]) -> Iterator[str]:
    n, d, k, times = row["n_samples"], row["n_features"], row["n_components"], row["seconds"]
    ours = times["bactrian"]
    yield f"{n:,} × {d}, {k}, {row['covariance_type']}"
    yield f"{1e3 * ours:.2f}"
    yield f"{1e9 * ours / (n * k):.2f}"
    for name in peers:
        there, target = name in times, row["targets"].get(name)
        yield f"{1e3 * times[name]:.1f}" if there else ""
        yield f"{times[name] / ours:.1f}" if there else ""
        if name in wanted:
            yield f"{target:g}" if there and target else ""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a measurement")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), help="by default all")


if __name__ == "__main__":
    benchmark("iterations", __doc__, measure, report, options)

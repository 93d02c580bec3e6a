"""The native back end in a process: Ctrl-C, forks, and other threads beside it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from bactrian.core.covariance import STRUCTURES
from bactrian.data.source import ArraySource
from strategies import drawn, random_parameters

pytest.importorskip("bactrian._native", reason="native module not built")

from bactrian.backends.native.backend import NativeBackend

posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks as POSIX has them")

INTERRUPTED = """
import os, signal, sys, threading, time
import numpy as np
from bactrian.backends.native.backend import NativeBackend
from bactrian.core.covariance import STRUCTURES
from bactrian.core.values.parameters import Parameters
from bactrian.data.source import ArraySource
from bactrian.init.compiled import NativePasses

what, name, d, k, n_threads, path = sys.argv[1:]
d, k = int(d), int(k)
structure = STRUCTURES[name]
rng = np.random.default_rng(0)
shape = structure.form.shape(k, d)
covariances = np.broadcast_to(np.eye(d), shape) if len(shape) == 3 else np.ones(shape)
means = rng.standard_normal((k, d))
p = Parameters(np.full(k, 1 / k), means, covariances, structure, covariances)
# Rows without end take no memory, and take for ever.
X = np.broadcast_to(rng.standard_normal((1, d)), (10**12 // (d * d * k) + 10**6, d))
backend = NativeBackend(int(n_threads), path)
backend.hold(ArraySource(X[:10])).accumulate(p.terms())
work = {
    "accumulate": lambda: backend.hold(ArraySource(X, complete=True)).accumulate(p.terms()),
    "evaluate": lambda: backend.hold(ArraySource(X, complete=True)).evaluate(p.terms(), "labels"),
    "nearest": lambda: NativePasses(int(n_threads), path).nearest(X, p.means),
}[what]
sent = None

def interrupt(delay):
    global sent
    time.sleep(delay)
    sent = time.process_time()
    os.kill(os.getpid(), signal.SIGINT)

longest = 0.0
for delay in (0.05, 0.1, 0.3):
    worker = threading.Thread(target=interrupt, args=(delay,))
    try:
        worker.start()  # within, since a busy machine may keep this thread from its work
        work()
    except KeyboardInterrupt:
        longest = max(longest, time.process_time() - sent)
    worker.join()
print(longest)
"""


def seconds_to_stop(what, name="full", d=4, k=50, n_threads=2, path="") -> float:
    """Of processor time, the most of several trials."""
    arguments = [what, name, str(d), str(k), str(n_threads), path]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@posix
@pytest.mark.parametrize("what", ["accumulate", "evaluate"])
@pytest.mark.parametrize(
    ("name", "d", "k"),
    [("full", 4, 50), ("diag", 10, 20), ("full", 1000, 8), ("diag", 1000, 500)],
)
def test_an_interrupt_stops_it(what, name, d, k):
    # Processor time, since the machine may be busy: of two threads, twice 0.2 s.
    assert seconds_to_stop(what, name, d, k) < 0.4


@posix
@pytest.mark.parametrize(("d", "k"), [(8, 8), (1000, 500)])
def test_an_interrupt_stops_a_start(d, k):
    assert seconds_to_stop("nearest", "spherical", d, k) < 0.4


@posix
def test_an_interrupt_stops_the_slowest_path():
    # A block takes it a second: it stops within the block.
    assert seconds_to_stop("accumulate", "full", 1000, 30, path="portable") < 0.4


def a_case(n=30_000):
    rng = np.random.default_rng(0)
    p = random_parameters(rng, STRUCTURES["full"], 3, 4)
    return p, drawn(rng, p, n)


def second_moments(n_threads=2):
    p, X = a_case()
    return NativeBackend(n_threads).hold(ArraySource(X)).accumulate(p.terms()).second.tobytes()


@posix
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_after_a_pass_can_compute_too():
    wanted = second_moments()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = [pool.apply_async(second_moments, (n,)) for n in (1, 2, 3)]
        assert [result.get(timeout=60) for result in found] == [wanted] * 3
    assert second_moments() == wanted


@posix
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_during_a_pass_can_compute_too():
    wanted = second_moments()
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            second_moments(3)

    worker = threading.Thread(target=busy)
    worker.start()
    try:
        context = multiprocessing.get_context("fork")
        for _ in range(3):
            ours, theirs = context.Pipe()
            child = context.Process(target=lambda end: end.send(second_moments()), args=(theirs,))
            child.start()
            assert ours.poll(60)
            assert ours.recv() == wanted
            child.join(60)
            assert child.exitcode == 0
    finally:
        stop.set()
        worker.join()


def test_other_threads_go_on_meanwhile():
    # A pass that held the lock of the interpreter would let the other thread do nothing.
    p, X = a_case(400_000)
    backend = NativeBackend(1)
    done = threading.Event()
    worker = threading.Thread(
        target=lambda: (
            backend.hold(ArraySource(X, complete=True)).accumulate(p.terms()),
            backend.hold(ArraySource(X, complete=True)).evaluate(p.terms(), "labels"),
            done.set(),
        )
    )
    worker.start()
    longest, last = 0.0, time.perf_counter()
    begin = last
    while not done.is_set():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0.0005)
    total = time.perf_counter() - begin
    worker.join()
    assert longest < 0.7 * total


@posix
def test_signals_are_handled_in_their_turn():
    # A handler that raises nothing does not stop a pass, and runs in the midst of it.
    p, X = a_case(10)
    X = np.broadcast_to(X[0], (20_000_000, 4))
    ran = []
    before = signal.signal(signal.SIGALRM, lambda *_: ran.append(time.perf_counter()))
    begin = time.perf_counter()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        stats = NativeBackend(1).hold(ArraySource(X)).accumulate(p.terms())
        ended = time.perf_counter()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert stats.weight == len(X)
    assert len(ran) == 1
    assert ran[0] - begin < 0.8 * (ended - begin)

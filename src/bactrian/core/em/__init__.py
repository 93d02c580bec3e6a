"""The EM loop: its state and steps, when it ends, and whether the end is a maximum."""

from bactrian.core.em.ending import Ending
from bactrian.core.em.loop import (
    EMInfo,
    EMResult,
    Observe,
    Run,
    info,
    run,
)
from bactrian.core.em.state import EMState, Memory
from bactrian.core.em.steps import EMProblem, accelerated_step, init, propose, step

__all__ = [
    "EMInfo",
    "EMProblem",
    "EMResult",
    "EMState",
    "Ending",
    "Memory",
    "Observe",
    "Run",
    "accelerated_step",
    "info",
    "init",
    "propose",
    "run",
    "step",
]

"""The EM loop: its state and steps, when it ends, and whether that is a maximum."""

from bactrian.core.em.loop import (
    CALLBACK_REASON,
    INTERRUPT_REASON,
    LIMIT_REASON,
    OUTPACED_REASON,
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
    "CALLBACK_REASON",
    "INTERRUPT_REASON",
    "LIMIT_REASON",
    "OUTPACED_REASON",
    "EMInfo",
    "EMProblem",
    "EMResult",
    "EMState",
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

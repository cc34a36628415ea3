"""Which processor a neutral end runs on, when that is not left to the scheduler.

The scheduler puts both sides on one processor or on two as it likes, and a round trip costs several
times more with a wake-up across than without. Pinned, it is always across.
"""

import os
from collections.abc import Mapping

VARIABLE = "NEUTRAL_PROCESSOR"


def pin() -> None:
    """Keep one processor for the neutral ends and run everybody else on the others."""
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise SystemExit("--pin wants two processors")
    os.environ[VARIABLE] = str(first)
    os.sched_setaffinity(0, others)  # what is started from here inherits it


def take_processor() -> None:
    """Move this neutral end to its processor, if there is one for it."""
    if processor := os.environ.get(VARIABLE):
        os.sched_setaffinity(0, {int(processor)})


def without_processor(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a neutral end that is measured itself."""
    return {name: value for name, value in environment.items() if name != VARIABLE}

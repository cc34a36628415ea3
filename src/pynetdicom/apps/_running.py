"""How a program starts and ends."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

_INTERRUPTED = 130  # what shells say of a program that Ctrl-C ended: 128 + SIGINT


def run(program: Callable[[], int]) -> NoReturn:
    """Run a program with the arguments of the command line, and leave with its exit status."""
    sys.exit(status_of(program))


def status_of(program: Callable[[], int]) -> int:
    """Return the exit status of a program, also when Ctrl-C or the end of its reader ends it."""
    try:
        status = program()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Who read our output has seen enough; without this, Python complains when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status

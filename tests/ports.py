"""TCP ports for servers that do not tell which one they got."""

import os
import socket
from collections.abc import Iterator
from itertools import cycle

# Below those that systems give to everybody who asks for any: between looking for a free one and
# listening to it nobody else gets it. Each worker of pytest-xdist has ports of its own.
_FIRST = 12_000
_EACH = 500
_WORKERS = 40


def _candidates() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + worker % _WORKERS * _EACH
    return cycle(range(first, first + _EACH))


_CANDIDATES = _candidates()


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on, nor will by chance."""
    return next(port for port in _CANDIDATES if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""How a program serves: it says where, waits until it is told to end, and ends with grace."""

import argparse
import logging
import signal
import ssl
import sys
import threading
from collections.abc import Iterable
from time import monotonic, sleep

from pynetdicom import AE, evt
from pynetdicom.apps._explain import cannot_listen
from pynetdicom.apps._output import Tell, count_text, plain
from pynetdicom.transport import AssociationServer

_GRACE = 5.0  # seconds that associations get to finish when the program is told to end
_CLEARING = 5.0  # and that handlers get after that, to leave no half-written file
_HOUR = 3600.0

_CONGESTION = (2, 3, 1)  # rejected for now, by the provider: temporary congestion (PS3.8 9.3.4)


def serve(
    ae: AE,
    args: argparse.Namespace,
    handlers: list[evt.EventHandlerType],
    ssl_context: ssl.SSLContext | None,
    logger: logging.Logger,
    tell: Tell,
    *,
    what: str,
) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status.

    Args:
        ae: What the peers find.
        args: The options: where to listen.
        handlers: Bound to the events.
        ssl_context: For TLS, ``None`` for none.
        logger: The program's.
        tell: Prints.
        what: What it does with what it gets.
    """
    is_ending = threading.Event()

    def turn_away(event: evt.Event) -> None:
        if is_ending.is_set():
            event.assoc.acse.send_reject(*_CONGESTION)

    def greet(event: evt.Event) -> None:
        peer = event.assoc.requestor
        logger.info("association with %s at %s", plain(peer.ae_title.strip()), peer.address)

    handlers = [*handlers, (evt.EVT_REQUESTED, turn_away), (evt.EVT_ACCEPTED, greet)]
    # From now on, whoever runs servers may end this one as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server = ae.start_server((args.bind_address, args.port), False, ssl_context, handlers)
    except OSError as error:
        logger.error("%s", cannot_listen(error, args))
        return 1
    try:
        port = server.server_address[1]
        tls = " with TLS" if ssl_context is not None else ""
        tell(f"{ae.ae_title} listens on port {port}{tls}, {what}; Ctrl-C ends it")
        while True:
            sleep(_HOUR)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the terminal has shown "^C"
    finally:
        is_ending.set()
        _end(server, tell)
    return 0


def _end(server: AssociationServer, tell: Tell) -> None:
    associations = server.active_associations
    try:
        open_ones = [assoc for assoc in associations if assoc.is_established]
        if open_ones:
            number = count_text(len(open_ones), "association")
            tell(f"ending: {number} may finish within {_GRACE:g} s, Ctrl-C ends them now")
        join(open_ones, _GRACE)
    finally:
        server.shutdown()
        join(associations, _CLEARING)
        tell("ended")


def join(threads: Iterable[threading.Thread], timeout: float) -> None:
    """Wait until threads have ended, for so many seconds in all."""
    deadline = monotonic() + timeout
    for thread in threads:
        if thread.is_alive():  # that of a connection which has just come may not have begun
            thread.join(max(0.0, deadline - monotonic()))

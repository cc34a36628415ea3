"""How a program asks a peer: over TLS, as a user, and with an end that Ctrl-C may bring early."""

import argparse
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pynetdicom import AE, Association, evt
from pynetdicom.apps import _arguments
from pynetdicom.apps._identity import add_identity, identity_of
from pynetdicom.presentation import PresentationContext


def add_requesting(parser: argparse.ArgumentParser) -> None:
    """Add the options about the network, TLS and the user."""
    _arguments.add_network(parser)
    _arguments.add_tls(parser, is_server=False)
    add_identity(parser)


class Requestor:
    """Asks the peer of the options for associations.

    Args:
        parser: Ends the program with a message if the options are not possible.
        args: The options.
    """

    def __init__(self, parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
        self.tls_args = _arguments.client_tls(parser, args)
        self.identity = identity_of(parser, args)
        self.args = args

    def associate(
        self,
        ae: AE,
        logger: logging.Logger,
        contexts: list[PresentationContext] | None = None,
        *,
        ext_neg: Sequence[Any] = (),
        evt_handlers: Sequence[evt.EventHandlerType] = (),
    ) -> Association:
        """Return an association, established or not.

        Args:
            ae: Whose it is.
            logger: The program's.
            contexts: What to propose; ``None`` for what the AE requests.
            ext_neg: Items of extended negotiation; the user's identity comes on top.
            evt_handlers: Bound to the events.
        """
        args = self.args
        items = [*ext_neg, *([self.identity] if self.identity else [])]
        try:
            assoc = ae.associate(
                args.addr,
                args.port,
                contexts,
                args.called_aet,
                args.max_pdu,
                ext_neg=items or None,
                tls_args=self.tls_args,
                evt_handlers=list(evt_handlers),
            )
        except KeyboardInterrupt:
            logger.warning("Interrupted: there is no association yet")
            raise
        if assoc.is_established and args.positive_response and not assoc.acceptor.user_identity:
            logger.warning("The peer does not say whether it has looked at the user's identity")
        return assoc


@contextmanager
def ended(assoc: Association, logger: logging.Logger) -> Iterator[None]:
    """Have no association left at the end, whatever ends the block.

    Args:
        assoc: It is aborted, if it is still established.
        logger: The program's: tells of it if that is because of Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt:
        if assoc.is_established:
            logger.warning("Interrupted: the association is aborted")
        raise
    finally:
        assoc.abort()  # nothing happens if it was released

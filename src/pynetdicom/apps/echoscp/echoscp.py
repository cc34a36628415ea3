"""`echoscp`: answer who asks whether we are here (C-ECHO)."""

import logging
from collections.abc import Sequence

from pynetdicom import DEFAULT_TRANSFER_SYNTAXES, evt
from pynetdicom.apps import _arguments
from pynetdicom.apps._output import make_tell, plain, setup_logging
from pynetdicom.apps._running import run
from pynetdicom.apps._serving import serve
from pynetdicom.sop_class import Verification

EXAMPLES = """\
examples:
  pynetdicom echoscp 11112
  pynetdicom echoscp 11112 -ba 127.0.0.1 -aet ARCHIVE -v
  pynetdicom echoscp 2762 --tls --cert server.pem --key server.key --ca authority.pem

exit status: 0 it was told to end; 1 it cannot listen; 2 the arguments make no sense
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _arguments.make_parser(
        "echoscp", "PORT", "Answer who asks whether this node is there (C-ECHO).", EXAMPLES
    )
    _arguments.add_listening(parser, "ECHOSCP")
    _arguments.add_transfer_syntaxes(parser, "prefer")
    _arguments.add_network(parser)
    _arguments.add_tls(parser, is_server=True)
    args = parser.parse_args(words)
    ssl_context = _arguments.server_tls(parser, args)
    logger, tell = setup_logging(args, "echoscp"), make_tell(args)

    ae = _arguments.make_ae(args.ae_title, args)
    syntaxes = _arguments.preferred_syntaxes(args, DEFAULT_TRANSFER_SYNTAXES)
    ae.add_supported_context(Verification, syntaxes)
    handlers: list[evt.EventHandlerType] = [(evt.EVT_C_ECHO, handle_echo, [logger])]
    return serve(ae, args, handlers, ssl_context, logger, tell, what="answers C-ECHO")


def handle_echo(event: evt.Event, logger: logging.Logger) -> int:
    """Answer that we are here."""
    peer = event.assoc.requestor
    logger.info("echo for %s at %s", plain(peer.ae_title.strip()), peer.address)
    return 0x0000


if __name__ == "__main__":
    run(main)

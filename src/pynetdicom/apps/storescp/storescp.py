"""`storescp`: receive objects and keep them in a folder (C-STORE)."""

import argparse
import os
from collections.abc import Sequence

from pynetdicom import (
    AE,
    ALL_TRANSFER_SYNTAXES,
    DEFAULT_TRANSFER_SYNTAXES,
    evt,
)
from pynetdicom.apps import _arguments
from pynetdicom.apps._keep import add_keeping, handle_store, keep_in_files, make_folder
from pynetdicom.apps._output import make_tell, plain, setup_logging
from pynetdicom.apps._running import run
from pynetdicom.apps._serving import serve
from pynetdicom.apps.echoscp.echoscp import handle_echo
from pynetdicom.sop_class import Verification

EXAMPLES = """\
examples:
  pynetdicom storescp 11112
  pynetdicom storescp 11112 -od received --layout -v
  pynetdicom storescp 2762 --tls --cert server.pem --key server.key --ca authority.pem

Each object becomes a file such as CT.1.2.3: the kind and the SOP instance UID. It appears when it
is complete. One that comes again in another way replaces the first, with a warning.

exit status: 0 it was told to end; 1 it cannot listen or write; 2 the arguments make no sense
"""

_MAXIMUM_ASSOCIATIONS = 100


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    ssl_context = _arguments.server_tls(parser, args)
    logger, tell = setup_logging(args, "storescp"), make_tell(args)
    if not args.ignore and not make_folder(args.output_directory, logger):
        return 1
    ae = _make_ae(args)
    handlers: list[evt.EventHandlerType] = [
        (evt.EVT_C_STORE, handle_store, [args, logger]),
        (evt.EVT_C_ECHO, handle_echo, [logger]),
    ]
    where = os.path.abspath(args.output_directory)
    what = "keeps nothing" if args.ignore else f"stores into {plain(where)}"
    return serve(ae, args, handlers, ssl_context, logger, tell, what=what)


def _parser() -> argparse.ArgumentParser:
    parser = _arguments.make_parser(
        "storescp", "PORT", "Receive DICOM objects and keep them as files (C-STORE).", EXAMPLES
    )
    _arguments.add_listening(parser, "STORESCP")
    group = parser.add_argument_group("store options")
    add_keeping(group)
    group.add_argument(
        "--any-class",
        action="store_true",
        help="accept private and unknown SOP classes, too, and the first transfer syntax proposed",
    )
    group.add_argument("--no-echo", action="store_true", help="do not answer C-ECHO")
    _arguments.add_transfer_syntaxes(parser, "prefer")
    _arguments.add_network(parser)
    _arguments.add_tls(parser, is_server=True)
    return parser


def _make_ae(args: argparse.Namespace) -> AE:
    ae = _arguments.make_ae(args.ae_title, args)
    ae.maximum_associations = _MAXIMUM_ASSOCIATIONS
    ae.unrestricted_storage = args.any_class
    keep_in_files(ae, args)
    syntaxes = _arguments.preferred_syntaxes(args, ALL_TRANSFER_SYNTAXES)
    for context in _arguments.storage_contexts():
        ae.add_supported_context(context.abstract_syntax or "", syntaxes)
    if not args.no_echo:
        plain_syntaxes = _arguments.preferred_syntaxes(args, DEFAULT_TRANSFER_SYNTAXES)
        ae.add_supported_context(Verification, plain_syntaxes)
    return ae


if __name__ == "__main__":
    run(main)

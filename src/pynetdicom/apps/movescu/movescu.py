"""`movescu`: have objects sent to a node (C-MOVE), which may be this program itself."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from pynetdicom import ALL_TRANSFER_SYNTAXES, evt
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import cannot_listen
from pynetdicom.apps._keep import add_keeping, keep_in_files, make_folder
from pynetdicom.apps._output import Tell, errors_held, make_tell, progress, setup_logging
from pynetdicom.apps._parser import Parser
from pynetdicom.apps._query import (
    MESSAGE_ID,
    RETRIEVAL_EXTENSIONS,
    add_query,
    add_strict,
    extended_negotiation,
    identifier,
    is_usable,
    model,
)
from pynetdicom.apps._requesting import Requestor, add_requesting
from pynetdicom.apps._retrieval import Retrieval
from pynetdicom.apps._running import run
from pynetdicom.apps._serving import join
from pynetdicom.sop_class import Verification

EXAMPLES = """\
examples:
  pynetdicom movescu pacs.example.org 104 -aem VIEWER -S \\
      -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3
  pynetdicom movescu 127.0.0.1 11112 --store -od got -k QueryRetrieveLevel=PATIENT -k PatientID=1
  pynetdicom movescu pacs.example.org 104 --store -ba 0.0.0.0 --store-aet VIEWER --layout \\
      -k QueryRetrieveLevel=SERIES -k SeriesInstanceUID=1.2.3.4

The node at HOST sends the objects to the destination by an association of its own: it must know
the destination's AE title, address and port. With --store the destination is this program: it
listens, asks, keeps what comes, and ends.

exit status: 0 the node answered; 1 it did not, it cannot be asked that, nothing can be received or
written, or --strict was given and an object failed; 2 the arguments make no sense; 130 Ctrl-C
ended it
"""

_DESTINATION = "STORESCP"
_UNKNOWN_DESTINATION = 0xA801
_GRACE = 5.0  # seconds that the peer gets to release what it has sent everything over


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "movescu"), make_tell(args)
    keys, uid = identifier(args, logger), model(args, "Move")
    is_kept = args.store and not args.ignore
    if keys is None or (is_kept and not make_folder(args.output_directory, logger)):
        return 1
    args.move_aet = args.move_aet or (args.store_aet if args.store else _DESTINATION)
    with errors_held() as errors, progress(args, what="object") as bar, ExitStack() as stack:
        retrieval = Retrieval("sent", args, logger, bar)
        if args.store:
            try:
                tell(stack.enter_context(receiving(args, retrieval)))
            except OSError as error:
                here = argparse.Namespace(bind_address=args.bind_address, port=args.store_port)
                logger.error("%s", cannot_listen(error, here))
                return 1
        ae = _arguments.make_ae(args.calling_aet, args)
        ae.add_requested_context(uid)
        assoc = requestor.associate(
            ae,
            logger,
            ext_neg=extended_negotiation(args, RETRIEVAL_EXTENSIONS, uid),
        )
        if not is_usable(assoc, args, RETRIEVAL_EXTENSIONS, uid, errors, logger):
            return 1
        move = partial(assoc.send_c_move, keys, args.move_aet, uid, MESSAGE_ID)
        status = retrieval.run(assoc, move, uid, "C-MOVE", errors)
    retrieval.end(tell)
    _give_hint(args, retrieval, tell)
    return status


def _parser() -> Parser:
    parser = _arguments.make_parser(
        "movescu",
        "HOST PORT -k KEY[=VALUE] ...",
        "Have objects sent to a node, which may be this program itself (C-MOVE).",
        EXAMPLES,
    )
    _arguments.add_peer(parser)
    _arguments.add_titles(parser, "MOVESCU")
    _add_destination(parser.add_argument_group("destination"))
    add_query(parser, RETRIEVAL_EXTENSIONS, has_work_items=False)
    add_keeping(parser.add_argument_group("store options, with --store"))
    add_strict(parser, "an object failed")
    add_requesting(parser)
    return parser


def _add_destination(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-aem",
        "--move-aet",
        metavar="TITLE",
        type=_arguments.ae_title,
        help=f"who is to get the objects (default {_DESTINATION}, or the title of --store-aet)",
    )
    group.add_argument(
        "--store", action="store_true", help="receive the objects here (without TLS)"
    )
    group.add_argument(
        "--store-port",
        metavar="PORT",
        type=_arguments.listening_port,
        default=11113,
        help="the TCP port to receive them on (default 11113; 0 takes a free one and tells which)",
    )
    group.add_argument(
        "--store-aet",
        metavar="TITLE",
        type=_arguments.ae_title,
        default=_DESTINATION,
        help=f"the AE title to receive them as (default {_DESTINATION})",
    )
    group.add_argument(
        "-ba",
        "--bind-address",
        metavar="ADDRESS",
        default="localhost",
        help="the address to receive them on: 0.0.0.0 for all IPv4 addresses, :: for IPv6 "
        "(default localhost: from this machine alone)",
    )


@contextmanager
def receiving(args: argparse.Namespace, retrieval: Retrieval) -> Iterator[str]:
    """Receive objects from when the block begins; yield where.

    Raises:
        OSError: It is not possible.
    """
    ae = _arguments.make_ae(args.store_aet, args)
    keep_in_files(ae, args)
    for context in _arguments.storage_contexts():
        ae.add_supported_context(context.abstract_syntax or "", ALL_TRANSFER_SYNTAXES)
    ae.add_supported_context(Verification)
    where = (args.bind_address, args.store_port)
    handlers: list[evt.EventHandlerType] = [(evt.EVT_C_STORE, retrieval.store)]
    server = ae.start_server(where, False, None, handlers)
    try:
        host, args.store_port = server.socket.getsockname()[:2]
        yield f"{args.store_aet} listens on {host} port {args.store_port}"
    finally:
        # The peer may release what it has sent the last object over after its final response.
        associations = server.active_associations
        join(associations, _GRACE)
        server.shutdown()
        join(associations, _GRACE)


def _give_hint(args: argparse.Namespace, retrieval: Retrieval, tell: Tell) -> None:
    """Tell what to do about a destination that was not found."""
    where = f" and where it listens: port {args.store_port} of this machine" if args.store else ""
    if retrieval.final.get("Status") == _UNKNOWN_DESTINATION:
        tell(f"hint: the peer has to know the AE title {args.move_aet!r}{where}")
    elif retrieval.is_refused:  # some peers say no more than that they are unable to process it
        tell(f"hint: does the peer know the AE title {args.move_aet!r}{where}?")
    elif args.store and retrieval.failed and not retrieval.kept:
        tell(
            f"hint: nothing has come to us; does the peer send what is for {args.move_aet!r} to "
            f"port {args.store_port} of this machine? From other machines it reaches us with -ba "
            "0.0.0.0 only"
        )


if __name__ == "__main__":
    run(main)

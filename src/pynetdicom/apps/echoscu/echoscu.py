"""`echoscu`: ask a node whether it is there (C-ECHO)."""

from collections.abc import Sequence
from time import perf_counter

from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import lost_association, no_association, status_text
from pynetdicom.apps._output import errors_held, make_tell, setup_logging
from pynetdicom.apps._parser import Parser
from pynetdicom.apps._requesting import Requestor, add_requesting, ended
from pynetdicom.apps._running import run
from pynetdicom.sop_class import Verification
from pynetdicom.status import GENERAL_STATUS

EXAMPLES = """\
examples:
  pynetdicom echoscu 127.0.0.1 11112
  pynetdicom echoscu pacs.example.org 104 -aet MODALITY -aec ARCHIVE
  pynetdicom echoscu pacs.example.org 2762 --tls --ca authority.pem --user alice --password -
  pynetdicom echoscu pacs       (pacs is in the configuration file)

exit status: 0 the node answered; 1 it did not; 2 the arguments make no sense
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "echoscu"), make_tell(args)

    ae = _arguments.make_ae(args.calling_aet, args)
    ae.add_requested_context(Verification, _arguments.requested_syntaxes(args))
    with errors_held() as errors:
        assoc = requestor.associate(ae, logger)
        if not assoc.is_established:
            logger.error("%s", no_association(assoc, errors, args))
            return 1
        with ended(assoc, logger):
            for number in range(1, args.repeat + 1):
                began = perf_counter()
                status = assoc.send_c_echo(number % 0x10000) if assoc.is_established else None
                if not status:
                    logger.error("No answer: %s", lost_association(errors, args))
                    return 1
                elapsed = (perf_counter() - began) * 1000
                answer = status_text(status, GENERAL_STATUS)
                peer = f"{args.called_aet} at {args.addr} port {args.port}"
                tell(f"{peer}: {answer} ({elapsed:.1f} ms)")
            if not args.abort:
                assoc.release()
    return 0 if status.Status == 0x0000 else 1


def _parser() -> Parser:
    parser = _arguments.make_parser(
        "echoscu", "HOST PORT", "Ask a DICOM node whether it is there (C-ECHO).", EXAMPLES
    )
    _arguments.add_peer(parser)
    _arguments.add_titles(parser, "ECHOSCU")
    group = parser.add_argument_group("echo options")
    group.add_argument(
        "--repeat",
        metavar="N",
        type=_arguments.times,
        default=1,
        help="how often to ask (default 1)",
    )
    group.add_argument("--abort", action="store_true", help="abort at the end, do not release")
    _arguments.add_transfer_syntaxes(parser, "request")
    add_requesting(parser)
    return parser


if __name__ == "__main__":
    run(main)

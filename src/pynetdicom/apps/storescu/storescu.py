"""`storescu`: send files and folders (C-STORE)."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from pynetdicom.apps import _arguments
from pynetdicom.apps._journal import Journal, JournalError, default_path
from pynetdicom.apps._output import make_tell, plain, setup_logging
from pynetdicom.apps._parser import Parser
from pynetdicom.apps._proposal import MEDIA_STORAGE_DIRECTORY, Instance, get_files, look_into
from pynetdicom.apps._report import Report
from pynetdicom.apps._requesting import Requestor, add_requesting
from pynetdicom.apps._running import run
from pynetdicom.apps._sending import Pause, Sender

EXAMPLES = """\
examples:
  pynetdicom storescu 127.0.0.1 11112 image.dcm
  pynetdicom storescu pacs.example.org 104 -aet MODALITY -aec ARCHIVE -r images
  pynetdicom storescu pacs -r images --jobs 4 --retries 5 --resume
  pynetdicom storescu pacs.example.org 2762 --tls --ca authority.pem -r images

Files go out as they are where the peer takes their transfer syntax; uncompressed ones are
converted to another uncompressed one where it does not. Files that need more than 128
presentation contexts go over several associations.

exit status: 0 all was tried, see the summary; 1 there was no association for all of it, or, with
--strict, something was not stored; 2 the arguments make no sense; 130 interrupted
"""

_INTERRUPTED = 130


def main(words: Sequence[str] | None = None, *, pause: Pause | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
        pause: Waits for so many seconds before another attempt; ``None`` for a real wait.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "storescu"), make_tell(args)
    report = Report(logger, is_deferred=sys.stderr.isatty())
    instances: list[Instance] = []
    status = 0
    began = perf_counter()
    with ExitStack() as stack:
        journal = _open_journal(parser, args, stack)
        try:
            instances = _look_at_files(args, report, journal)
            began = perf_counter()
            if instances:
                Sender(requestor, report, journal, pause).send(instances)
        except KeyboardInterrupt:
            status = _INTERRUPTED
            if not instances:
                logger.warning("Interrupted: nothing is sent yet")
    report.list_failures()
    if not (status or instances or report.before):
        logger.error("There is nothing to send")
    tell(report.summary(perf_counter() - began))
    for hint in report.hints:
        tell(f"hint: {hint}")
    if journal is not None and (status or report.is_broken):
        tell("hint: the same command with --resume sends the rest")
    return status or int(report.is_broken or (args.strict and report.is_incomplete))


def _parser() -> Parser:
    parser = _arguments.make_parser(
        "storescu", "HOST PORT PATH ...", "Send DICOM files to be stored (C-STORE).", EXAMPLES
    )
    _arguments.add_peer(parser, "files and folders to send")
    _arguments.add_titles(parser, "STORESCU")
    group = parser.add_argument_group("store options")
    group.add_argument("-r", "--recurse", action="store_true", help="folders in folders, too")
    group.add_argument(
        "-cx",
        "--required-contexts",
        action="store_true",
        help="propose what the files need alone (default: the usual SOP classes besides)",
    )
    group.add_argument(
        "-j",
        "--jobs",
        metavar="N",
        type=_arguments.times,
        default=1,
        help="send over so many associations at once (default 1)",
    )
    group.add_argument(
        "--retries",
        metavar="N",
        type=_arguments.retries,
        default=0,
        help="when there is no association, or no answer: try again up to so many times, after 1, "
        "2, 4, … 60 seconds (default 0)",
    )
    group.add_argument(
        "--resume",
        action="store_true",
        help="skip what the journal says this peer has already stored, and go on with it",
    )
    group.add_argument(
        "--journal",
        metavar="FILE",
        help="note what is stored in this file (default with --resume: pynetdicom/storescu.journal "
        "in XDG_STATE_HOME, which is ~/.local/state)",
    )
    group.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 if anything at all was not stored",
    )
    _arguments.add_transfer_syntaxes(parser, "request")
    add_requesting(parser)
    return parser


def _open_journal(parser: Parser, args: argparse.Namespace, stack: ExitStack) -> Journal | None:
    """Return the journal, if one is wanted; leave with a message if it cannot be had."""
    if args.journal is None and not args.resume:
        return None
    path = default_path() if args.journal is None else Path(args.journal)
    peer = f"{args.called_aet} at {args.addr} port {args.port}"
    try:
        return stack.enter_context(Journal(path, peer))
    except JournalError as error:
        parser.error(f"--journal {plain(path)}: {error}")
    except OSError as error:
        parser.error(f"--journal {plain(path)}: {error.strerror or error}")


def _look_at_files(
    args: argparse.Namespace, report: Report, journal: Journal | None
) -> list[Instance]:
    """Return what can be sent; report what cannot."""
    good, bad = get_files(args.path, args.recurse)
    report.found = len(good) + len(bad)
    for path in bad:
        report.fail(path, _why_not(path))
    instances = []
    for path in good:
        try:
            instance = look_into(path)
        except OSError as error:
            report.fail(path, error.strerror or error)
        except Exception as error:  # whatever pydicom makes of bytes that are not DICOM
            report.fail(path, error)
        else:
            if instance.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
                report.found -= 1  # it lists the files of a medium: nobody stores it
                report.logger.info("%s: left out, for it is a DICOMDIR", plain(path))
            elif args.resume and journal is not None and journal.has(instance):
                report.before += 1
            else:
                instances.append(instance)
    return instances


def _why_not(path: Path) -> str:
    if path.is_dir():
        return "it cannot be read"
    return "it is no file" if path.exists() else "there is no such file or folder"


if __name__ == "__main__":
    run(main)

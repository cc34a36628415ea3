"""`storescu`: send files and folders (C-STORE)."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from pynetdicom import Association, StoragePresentationContexts, build_context
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import cause_of, lost_association, no_association, status_text
from pynetdicom.apps._output import (
    Bar,
    errors_held,
    make_tell,
    plain,
    progress,
    setup_logging,
)
from pynetdicom.apps._parser import Parser
from pynetdicom.apps._proposal import (
    MEDIA_STORAGE_DIRECTORY,
    Instance,
    get_files,
    loads,
    look_into,
)
from pynetdicom.apps._report import Report, refusal
from pynetdicom.apps._requesting import Requestor, add_requesting, ended
from pynetdicom.apps._running import run
from pynetdicom.exceptions import NoAcceptedContextError
from pynetdicom.presentation import (
    PresentationContext,
)
from pynetdicom.status import (
    STATUS_SUCCESS,
    STATUS_WARNING,
    STORAGE_SERVICE_CLASS_STATUS,
    code_to_category,
)

EXAMPLES = """\
examples:
  pynetdicom storescu 127.0.0.1 11112 image.dcm
  pynetdicom storescu pacs.example.org 104 -aet MODALITY -aec ARCHIVE -r images
  pynetdicom storescu pacs.example.org 2762 --tls --ca authority.pem -r images

Files go out as they are where the peer takes their transfer syntax; uncompressed ones are
converted to another uncompressed one where it does not.

exit status: 0 all was sent; 1 something was not; 2 the arguments make no sense
"""

_INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "storescu"), make_tell(args)
    report = Report(logger)
    instances = _look_at_files(args, report)
    if not instances:
        logger.error("There is nothing to send")
        return 1
    began = perf_counter()
    try:
        Sender(requestor, report).send(instances)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        tell(report.summary(perf_counter() - began))
        for hint in report.hints:
            tell(f"hint: {hint}")
    return 0 if report.sent == report.found else 1


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
    _arguments.add_transfer_syntaxes(parser, "request")
    add_requesting(parser)
    return parser


def _look_at_files(args: argparse.Namespace, report: Report) -> list[Instance]:
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
            else:
                instances.append(instance)
    return instances


def _why_not(path: Path) -> str:
    if path.is_dir():
        return "it cannot be read"
    return "it is no file" if path.exists() else "there is no such file or folder"


class Sender:
    """Sends files over as many associations as it takes, one after the other.

    Args:
        requestor: Asks for them.
        report: Learns what has become of each file.
    """

    def __init__(self, requestor: Requestor, report: Report) -> None:
        self._args = requestor.args
        self._requestor = requestor
        self._report = report
        self._ae = _arguments.make_ae(requestor.args.calling_aet, requestor.args)

    def send(self, instances: Sequence[Instance]) -> None:
        """Send all that can be sent."""
        args = self._args
        uncompressed = _arguments.requested_syntaxes(args)
        usual = [] if args.required_contexts else StoragePresentationContexts
        further = [build_context(c.abstract_syntax or "", uncompressed) for c in usual]
        size = sum(instance.size for instance in instances)
        with progress(args, len(instances), size) as bar:
            for load in loads(instances, uncompressed, further):
                rest: Sequence[Instance] = load.instances
                while rest:
                    rest = self._send_over_one(load.contexts, rest, bar)

    def _send_over_one(
        self, contexts: list[PresentationContext], instances: Sequence[Instance], bar: Bar
    ) -> Sequence[Instance]:
        """Send over one association; return what is left to try when the peer ended it."""
        args, sent_before = self._args, self._report.sent
        with errors_held() as errors:
            assoc = self._requestor.associate(self._ae, self._report.logger, contexts)
            if not assoc.is_established:
                self._report.logger.error("%s", no_association(assoc, errors, args))
                return []
            with ended(assoc, self._report.logger):
                for number, instance in enumerate(instances, start=1):
                    errors.clear()
                    self._send_one(assoc, instance, number % 0x10000, errors)
                    bar.advance(instance.size)
                    if not assoc.is_established:
                        # A peer that takes nothing at all would take nothing of the rest either.
                        return instances[number:] if self._report.sent > sent_before else []
                assoc.release()
        return []

    def _send_one(
        self, assoc: Association, instance: Instance, msg_id: int, errors: list[logging.LogRecord]
    ) -> None:
        report = self._report
        try:
            status = assoc.send_c_store(instance.path, msg_id)
        except NoAcceptedContextError:
            report.fail(instance.path, *refusal(assoc, instance))
        except OSError as error:
            report.fail(instance.path, error.strerror or error)
        except Exception as error:  # whatever pydicom makes of what it cannot convert
            report.fail(instance.path, f"it cannot be encoded: {cause_of(errors) or error}")
        else:
            if not status:
                report.fail(instance.path, lost_association(errors, self._args))
                return
            text = status_text(status, STORAGE_SERVICE_CLASS_STATUS)
            if code_to_category(status.Status) in (STATUS_SUCCESS, STATUS_WARNING):
                report.succeed(instance, status.Status, text)
            else:
                report.fail(instance.path, f"not stored: {text}")


if __name__ == "__main__":
    run(main)

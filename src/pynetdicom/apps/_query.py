"""What programs that query have in common: the model, the keys, what is negotiated about them."""

import argparse
import logging
import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset
from pydicom.uid import UID

from pynetdicom import Association, sop_class, status
from pynetdicom.apps._elements import create_dataset
from pynetdicom.apps._explain import lost_association, no_association, status_text
from pynetdicom.apps._output import plain
from pynetdicom.sop_class import uid_to_service_class
from pynetdicom.user_information import ServiceParameter, SOPClassExtendedNegotiation

MESSAGE_ID: Final = 1  # one operation is all that goes over an association
INTERRUPTED: Final = 130  # what shells say of a program that Ctrl-C ended: 128 + SIGINT

_ROOTS: Final = {
    "patient": ("PatientRoot", "patients, their studies, series and objects (default)"),
    "study": ("StudyRoot", "studies, their series and objects"),
    "psonly": ("PatientStudyOnly", "patients and their studies; retired"),
}


@dataclass(frozen=True, slots=True)
class Extension:
    """Something that may be agreed on about queries, by an option of that name.

    Attributes:
        option: The option, which sets a byte: the first extension the first one.
        what: What it is good for.
    """

    option: str
    what: str

    def is_wanted(self, args: argparse.Namespace) -> bool:
        """Return whether the option is given."""
        return bool(getattr(args, self.option.replace("-", "_")))


_CONVERSION: Final = Extension("enhanced-conversion", "have enhanced multi-frame images converted")
# The bytes of the service class application information (PS3.4 C.5.1.1, C.5.2.1, C.5.3.1).
QUERY_EXTENSIONS: Final = (
    Extension("relational-query", "ask about any level with keys of any other"),
    Extension("dt-matching", "match a date and a time as one"),
    Extension("fuzzy-names", "find names that are spelled otherwise"),
    Extension("timezone-adj", "have times told in our time zone"),
    _CONVERSION,
)
RETRIEVAL_EXTENSIONS: Final = (
    Extension("relational-retrieval", "retrieve what is below any level"),
    _CONVERSION,
)


def add_query(
    parser: argparse.ArgumentParser, extensions: Sequence[Extension], *, has_work_items: bool
) -> None:
    """Add which model is asked, for what, and with which extensions.

    Args:
        parser: Where to.
        extensions: What may be negotiated.
        has_work_items: Whether worklists and procedure steps can be asked for.
    """
    group = parser.add_argument_group("information model")
    choice = group.add_mutually_exclusive_group()
    for name, (_, what) in _ROOTS.items():
        short = "-O" if name == "psonly" else f"-{name[0].upper()}"
        choice.add_argument(short, f"--{name}", action="store_true", help=what)
    if has_work_items:
        choice.add_argument(
            "-W", "--worklist", action="store_true", help="the worklist of a modality"
        )
        choice.add_argument("-U", "--ups", action="store_true", help="unified procedure steps")
    group = parser.add_argument_group("query options, at least one")
    group.add_argument(
        "-k",
        "--keyword",
        metavar="KEY[=VALUE]",
        action="append",
        help="an element to match, or to be told if there is no value: PatientName=CITIZEN*, "
        "(0010,0020), RequestAttributesSequence[0].ScheduledProcedureStepID=7; may be repeated",
    )
    group.add_argument(
        "-f", "--file", metavar="FILE", help="a DICOM file with elements; those of -k come on top"
    )
    group = parser.add_argument_group("extended negotiation")
    for extension in extensions:
        group.add_argument(f"--{extension.option}", action="store_true", help=extension.what)


def add_strict(parser: argparse.ArgumentParser, when: str) -> None:
    """Add that failures change the exit status.

    Args:
        parser: Where to.
        when: When it is 1 then.
    """
    group = parser.add_argument_group("options for scripts")
    group.add_argument("--strict", action="store_true", help=f"exit with status 1 when {when}")


def model(args: argparse.Namespace, operation: str) -> UID:
    """Return the SOP class to ask by.

    Args:
        args: The options.
        operation: "Find", "Get" or "Move".
    """
    if getattr(args, "worklist", False):
        return sop_class.ModalityWorklistInformationFind
    if getattr(args, "ups", False):
        return sop_class.UnifiedProcedureStepPull
    root = "study" if args.study else "psonly" if args.psonly else "patient"
    uid: UID = getattr(sop_class, f"{_ROOTS[root][0]}QueryRetrieveInformationModel{operation}")
    return uid


def identifier(args: argparse.Namespace, logger: logging.Logger) -> Dataset | None:
    """Return what to ask for; say what is wrong and return ``None`` if that is impossible."""
    if not (args.keyword or args.file):
        logger.error("What to ask for? -k KEY=VALUE names it, or -f FILE")
        return None
    try:
        with warnings.catch_warnings(record=True) as oddities:
            warnings.simplefilter("always")
            keys = create_dataset(args)
    except OSError as error:
        logger.error("%s: %s", plain(args.file), error.strerror or plain(error))
        return None
    except ValueError as error:
        logger.error("%s", plain(error))
        return None
    for oddity in oddities:
        logger.warning("%s", plain(oddity.message))
    if "SpecificCharacterSet" not in keys:
        _name_character_set(keys, "".join(args.keyword or ()))
    is_hierarchical = not (getattr(args, "worklist", False) or getattr(args, "ups", False))
    if is_hierarchical and not keys.get("QueryRetrieveLevel"):
        logger.warning(
            "No level is asked for, which most peers refuse: -k QueryRetrieveLevel=STUDY "
            "(or PATIENT, SERIES, IMAGE)"
        )
    return keys


def _name_character_set(keys: Dataset, text: str) -> None:
    """Have values that are not ASCII go out as what they are: the older set if that is enough."""
    if text.isascii():
        return
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        keys.SpecificCharacterSet = "ISO_IR 192"
    else:
        keys.SpecificCharacterSet = "ISO_IR 100"


def extended_negotiation(
    args: argparse.Namespace, extensions: Sequence[Extension], uid: UID
) -> list[ServiceParameter]:
    """Return what to propose about a SOP class: nothing unless something is wanted."""
    wanted = bytes(extension.is_wanted(args) for extension in extensions)
    if not any(wanted):
        return []
    item = SOPClassExtendedNegotiation()
    item.sop_class_uid = uid
    item.service_class_application_information = wanted
    return [item]


def is_usable(
    assoc: Association,
    args: argparse.Namespace,
    extensions: Sequence[Extension],
    uid: UID,
    errors: Sequence[logging.LogRecord],
    logger: logging.Logger,
) -> bool:
    """Return whether the query can be asked; say why not, and what the peer does not agree to.

    Args:
        assoc: What `AE.associate` returned.
        args: The options.
        extensions: What was negotiated as wanted (PS3.7 D.3.3.5).
        uid: The SOP class to ask by.
        errors: What the library logged meanwhile.
        logger: Learns of it.
    """
    if not assoc.is_established:
        logger.error("%s", no_association(assoc, errors, args))
        return False
    if uid not in {context.abstract_syntax for context in assoc.accepted_contexts}:
        logger.error("The peer does not offer %s: -P, -S and -O choose another model", uid.name)
        assoc.release()
        return False
    agreed = assoc.acceptor.sop_class_extended.get(uid, b"")
    for number, extension in enumerate(extensions):
        if extension.is_wanted(args) and agreed[number : number + 1] != b"\1":
            logger.warning("The peer does not agree to --%s", extension.option)
    return True


def category_of(answer: Dataset) -> str:
    """Return the category of a status, such as "Success"; "" if no valid response came."""
    return status.code_to_category(answer.Status) if "Status" in answer else ""


def judge(
    final: Dataset,
    uid: UID,
    operation: str,
    errors: Sequence[logging.LogRecord],
    args: argparse.Namespace,
    logger: logging.Logger,
) -> int:
    """Say how an operation ended unless that was well, and return the exit status.

    Args:
        final: The final status, empty if no valid response came.
        uid: The SOP class it was asked by.
        operation: What was asked, such as "C-FIND".
        errors: What the library logged meanwhile.
        args: The options.
        logger: Learns of it.
    """
    category = category_of(final)
    if not category:
        logger.error("%s is incomplete: %s", operation, lost_association(errors, args))
        return 1
    text = status_text(final, uid_to_service_class(uid).statuses_of(operation))
    match category:
        case status.STATUS_SUCCESS:
            return 0
        case status.STATUS_CANCEL:
            logger.warning("%s is incomplete: %s", operation, text)
            return INTERRUPTED
        case status.STATUS_WARNING:
            logger.warning("The peer says about %s: %s", operation, text)
            if operation != "C-FIND":
                return 0  # failed objects are counted
        case _:
            logger.error("The peer says about %s: %s", operation, text)
    return 1 if args.strict else 0


@contextmanager
def cancelled_by_ctrl_c(assoc: Association, uid: UID, logger: logging.Logger) -> Iterator[None]:
    """Have the first Ctrl-C ask the peer to stop (C-CANCEL); the second, and SIGTERM, end at once.

    The final response to what was cancelled still comes: who loops over the responses goes on.
    What ends at once raises `KeyboardInterrupt`.

    Args:
        assoc: What the operation goes over.
        uid: Its SOP class.
        logger: The program's: tells of it.
    """

    def ask(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # The interrupted thread may be sending: it must go on for this to get its turn.
        threading.Thread(target=_cancel, args=(assoc, uid, logger), daemon=True).start()

    before = signal.signal(signal.SIGINT, ask)
    before_term = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_term)


def _cancel(assoc: Association, uid: UID, logger: logging.Logger) -> None:
    logger.warning("Cancelling: Ctrl-C again ends without waiting for the peer")
    with suppress(RuntimeError, ValueError):  # it has ended meanwhile
        assoc.send_c_cancel(MESSAGE_ID, query_model=uid)

"""`getscu`: retrieve objects over the association that asks for them (C-GET)."""

import argparse
import logging
from collections.abc import Sequence
from functools import partial

from pydicom.uid import UID

from pynetdicom import (
    AE,
    ALL_TRANSFER_SYNTAXES,
    Association,
    StoragePresentationContexts,
    build_context,
    build_role,
    evt,
    sop_class,
)
from pynetdicom.apps import _arguments
from pynetdicom.apps._arguments import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from pynetdicom.apps._keep import add_keeping, keep_in_files, make_folder
from pynetdicom.apps._output import errors_held, make_tell, progress, setup_logging
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
from pynetdicom.user_information import ServiceParameter

EXAMPLES = """\
examples:
  pynetdicom getscu 127.0.0.1 11112 -k QueryRetrieveLevel=PATIENT -k PatientID=1CT1
  pynetdicom getscu pacs.example.org 104 -aet VIEWER -aec ARCHIVE -S -od study --layout \\
      -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3 -x JPEG2000Lossless

The peer sends over the association that asks it: no destination has to be known to it. Images that
it holds in a compressed transfer syntax fail unless it decompresses them, or -x names the syntax.

Each object becomes a file such as CT.1.2.3: the kind and the SOP instance UID. It appears when it
is complete. One that is there already stays; one that differs is replaced, with a warning.

exit status: 0 the node answered; 1 it did not, it cannot be asked that, nothing can be written, or
--strict was given and an object failed; 2 the arguments make no sense; 130 Ctrl-C ended it
"""

# Explicit VR first: it keeps the value representations of private elements.
_UNCOMPRESSED = [EXPLICIT, IMPLICIT, DEFLATED, BIG_ENDIAN]

_MAXIMUM_CONTEXTS = 128  # of an association (PS3.8 9.3.2.2), one of them the query's

_COMMON_IMAGES = (
    sop_class.CTImageStorage,
    sop_class.MRImageStorage,
    sop_class.ComputedRadiographyImageStorage,
    sop_class.DigitalXRayImageStorageForPresentation,
    sop_class.DigitalMammographyXRayImageStorageForPresentation,
    sop_class.UltrasoundImageStorage,
    sop_class.UltrasoundMultiFrameImageStorage,
    sop_class.SecondaryCaptureImageStorage,
    sop_class.XRayAngiographicImageStorage,
    sop_class.PositronEmissionTomographyImageStorage,
    sop_class.NuclearMedicineImageStorage,
    sop_class.EnhancedCTImageStorage,
    sop_class.EnhancedMRImageStorage,
    sop_class.BreastTomosynthesisImageStorage,
    sop_class.XRayRadiofluoroscopicImageStorage,
    sop_class.DigitalXRayImageStorageForProcessing,
    sop_class.DigitalMammographyXRayImageStorageForProcessing,
    sop_class.MultiFrameTrueColorSecondaryCaptureImageStorage,
    sop_class.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    sop_class.VLEndoscopicImageStorage,
    sop_class.VLPhotographicImageStorage,
    sop_class.VLWholeSlideMicroscopyImageStorage,
    sop_class.OphthalmicPhotography8BitImageStorage,
    sop_class.OphthalmicTomographyImageStorage,
)


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "getscu"), make_tell(args)
    keys, uid = identifier(args, logger), model(args, "Get")
    if keys is None or not (args.ignore or make_folder(args.output_directory, logger)):
        return 1
    ae = _arguments.make_ae(args.calling_aet, args)
    keep_in_files(ae, args)
    ae.add_requested_context(uid)
    negotiation = [
        *_propose_storage(ae, args.transfer_syntax),
        *extended_negotiation(args, RETRIEVAL_EXTENSIONS, uid),
    ]
    with errors_held() as errors, progress(args, what="object") as bar:
        retrieval = Retrieval("received", args, logger, bar)
        assoc = requestor.associate(
            ae,
            logger,
            ext_neg=negotiation,
            evt_handlers=[(evt.EVT_C_STORE, retrieval.store)],
        )
        if not is_usable(assoc, args, RETRIEVAL_EXTENSIONS, uid, errors, logger):
            return 1
        _warn_of_roles(assoc, logger)
        get = partial(assoc.send_c_get, keys, uid, MESSAGE_ID)
        status = retrieval.run(assoc, get, uid, "C-GET", errors)
    retrieval.end(tell)
    if retrieval.has_unexplained and not args.transfer_syntax:
        tell("hint: images that the peer holds compressed may need -x, such as -x JPEG2000Lossless")
    return status


def _parser() -> Parser:
    parser = _arguments.make_parser(
        "getscu",
        "HOST PORT -k KEY[=VALUE] ...",
        "Retrieve objects over the association that asks for them (C-GET).",
        EXAMPLES,
    )
    _arguments.add_peer(parser)
    _arguments.add_titles(parser, "GETSCU")
    add_query(parser, RETRIEVAL_EXTENSIONS, has_work_items=False)
    group = parser.add_argument_group("store options")
    group.add_argument(
        "-x",
        "--transfer-syntax",
        metavar="SYNTAX",
        action="append",
        default=[],
        type=transfer_syntax,
        help="take common images in this transfer syntax, too, by keyword (JPEG2000Lossless) or "
        "UID; may be repeated (default: the uncompressed ones alone)",
    )
    add_keeping(group)
    add_strict(parser, "an object failed")
    add_requesting(parser)
    return parser


def transfer_syntax(text: str) -> UID:
    """Return a transfer syntax by its keyword or UID."""
    for known in map(UID, ALL_TRANSFER_SYNTAXES):
        if text and text in (known, known.keyword):
            return known
    raise argparse.ArgumentTypeError(
        f"a transfer syntax is a keyword such as JPEG2000Lossless or a UID, not {text!r}"
    )


def _propose_storage(ae: AE, further: Sequence[UID]) -> list[ServiceParameter]:
    """Propose the storage classes; return that we want to be their SCP (PS3.7 D.3.3.4).

    The peer chooses one transfer syntax for each context: to get objects as they are, which may be
    in any, takes a context for each. So compressed ones are proposed for images that are common.

    Args:
        ae: What it is that proposes.
        further: Transfer syntaxes besides the uncompressed ones.
    """
    room = _MAXIMUM_CONTEXTS - len(ae.requested_contexts)
    common = _COMMON_IMAGES[: room // (1 + len(further))] if further else ()
    storage = [*StoragePresentationContexts, *_arguments.storage_contexts()]
    classes = dict.fromkeys([*common, *(context.abstract_syntax or "" for context in storage)])
    room -= len(common) * len(further)
    # Before the others: DCMTK's archive sends by the first context of a class that it accepted.
    contexts = [build_context(uid, syntax) for uid in common for syntax in further]
    contexts += [build_context(uid, _UNCOMPRESSED) for uid in list(classes)[:room]]
    ae.requested_contexts = [*ae.requested_contexts, *contexts]
    return [build_role(uid, scp_role=True) for uid in list(classes)[:room]]


def _warn_of_roles(assoc: Association, logger: logging.Logger) -> None:
    if not any(context.as_scp for context in assoc.accepted_contexts):
        logger.warning("The peer accepts no storage class with us as its SCP: nothing can come")


if __name__ == "__main__":
    run(main)

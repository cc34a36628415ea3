"""`getscu`: retrieve objects over the association that asks for them (C-GET)."""

import argparse
import logging
from collections.abc import Sequence
from functools import partial

from pynetdicom import AE, Association, StoragePresentationContexts, build_role, evt
from pynetdicom.apps import _arguments
from pynetdicom.apps._keep import add_keeping, make_folder
from pynetdicom.apps._output import errors_held, make_tell, progress, setup_logging
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
from pynetdicom.apps._retrieval import Retrieval
from pynetdicom.apps._running import run
from pynetdicom.user_information import ServiceParameter

EXAMPLES = """\
examples:
  pynetdicom getscu 127.0.0.1 11112 -k QueryRetrieveLevel=PATIENT -k PatientID=1CT1
  pynetdicom getscu pacs.example.org 104 -aet VIEWER -aec ARCHIVE -S -od study --layout \\
      -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3

Each object becomes a file such as CT.1.2.3: the kind and the SOP instance UID. It appears when it
is complete. One that is there already stays; one that differs is replaced, with a warning.

exit status: 0 the node answered; 1 it did not, it cannot be asked that, nothing can be written, or
--strict was given and an object failed; 2 the arguments make no sense; 130 Ctrl-C ended it
"""

_MAXIMUM_CONTEXTS = 128  # of an association (PS3.8 9.3.2.2), one of them the query's


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    tls_args = _arguments.client_tls(parser, args)
    logger, tell = setup_logging(args, "getscu"), make_tell(args)
    keys, uid = identifier(args, logger), model(args, "Get")
    if keys is None or not (args.ignore or make_folder(args.output_directory, logger)):
        return 1
    ae = _arguments.make_ae(args.calling_aet, args)
    ae.add_requested_context(uid)
    negotiation = [*_propose_storage(ae), *extended_negotiation(args, RETRIEVAL_EXTENSIONS, uid)]
    with errors_held() as errors, progress(args, what="object") as bar:
        retrieval = Retrieval("received", args, logger, bar)
        assoc = ae.associate(
            args.addr,
            args.port,
            ae_title=args.called_aet,
            max_pdu=args.max_pdu,
            ext_neg=negotiation,
            tls_args=tls_args,
            evt_handlers=[(evt.EVT_C_STORE, retrieval.store)],
        )
        if not is_usable(assoc, args, RETRIEVAL_EXTENSIONS, uid, errors, logger):
            return 1
        _warn_of_roles(assoc, logger)
        get = partial(assoc.send_c_get, keys, uid, MESSAGE_ID)
        status = retrieval.run(assoc, get, uid, "C-GET", errors)
    retrieval.end(tell)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _arguments.make_parser(
        "getscu",
        "HOST PORT -k KEY[=VALUE] ...",
        "Retrieve objects over the association that asks for them (C-GET).",
        EXAMPLES,
    )
    _arguments.add_peer(parser)
    _arguments.add_titles(parser, "GETSCU")
    add_query(parser, RETRIEVAL_EXTENSIONS, has_work_items=False)
    add_keeping(parser.add_argument_group("store options"))
    add_strict(parser, "an object failed")
    _arguments.add_network(parser)
    _arguments.add_tls(parser, is_server=False)
    return parser


def _propose_storage(ae: AE) -> list[ServiceParameter]:
    """Propose the storage classes; return that we want to be their SCP (PS3.7 D.3.3.4)."""
    roles: list[ServiceParameter] = []
    room = _MAXIMUM_CONTEXTS - len(ae.requested_contexts)
    for context in StoragePresentationContexts[:room]:
        ae.add_requested_context(context.abstract_syntax or "")
        roles.append(build_role(context.abstract_syntax or "", scp_role=True))
    return roles


def _warn_of_roles(assoc: Association, logger: logging.Logger) -> None:
    if not any(context.as_scp for context in assoc.accepted_contexts):
        logger.warning("The peer accepts no storage class with us as its SCP: nothing can come")


if __name__ == "__main__":
    run(main)

"""What users write with the blocking front, with types: it is checked, not run."""

import ssl
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import assert_type

from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from pynetdicom import (
    AE,
    ALL_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    Association,
    StoragePresentationContexts,
    build_context,
    build_role,
    debug_logger,
    evt,
    register_uid,
)
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation, UserIdentityNegotiation
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import (
    BasicFilmSession,
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    Verification,
)
from pynetdicom.status import Status, code_to_category
from pynetdicom.transport import AssociationServer, ThreadedAssociationServer

FIND = PatientRootQueryRetrieveInformationModelFind
MOVE = PatientRootQueryRetrieveInformationModelMove

debug_logger()
register_uid("1.2.3", "PrivateStorage", StorageServiceClass)


# A user.


def prepare() -> AE:
    ae = AE(ae_title="CLIENT")
    ae.acse_timeout = 10
    ae.network_timeout = None
    ae.maximum_pdu_size = 0
    ae.require_calling_aet = ["PACS"]
    ae.add_requested_context(Verification)
    ae.add_requested_context("1.2.840.10008.1.1", "1.2.840.10008.1.2")
    ae.add_requested_context(CTImageStorage, [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
    ae.add_requested_context(UID("1.2.3"), ALL_TRANSFER_SYNTAXES)
    syntaxes = [ImplicitVRLittleEndian]
    ae.add_supported_context(CTImageStorage, syntaxes, scu_role=True, scp_role=True)
    ae.requested_contexts = StoragePresentationContexts[:10]
    ae.supported_contexts = AllStoragePresentationContexts
    return ae


def associate(ae: AE) -> Association:
    identity = UserIdentityNegotiation()
    identity.user_identity_type = 2
    identity.primary_field = b"user"
    extended = SOPClassExtendedNegotiation()
    extended.sop_class_uid = CTImageStorage
    extended.service_class_application_information = b"\x01"
    context = ssl.create_default_context()
    return ae.associate(
        "127.0.0.1",
        11112,
        contexts=[build_context(CTImageStorage), build_context(Verification)],
        ae_title="PACS",
        max_pdu=16382,
        ext_neg=[build_role(CTImageStorage, scp_role=True), identity, extended],
        bind_address=("127.0.0.1", 0),
        tls_args=(context, "localhost"),
    )


def associate_with_items(ae: AE) -> None:
    roles = [build_role(CTImageStorage, scp_role=True)]
    contexts = [build_context(CTImageStorage)]
    assoc = ae.associate(("::1", 0, 0), 104, contexts, ext_neg=roles)
    print(assoc.acceptor.user_identity, assoc.requestor.ae_title, assoc.remote["address"])


def ask(assoc: Association) -> None:
    if not assoc.is_established:
        print(assoc.is_rejected, assoc.is_aborted, assoc.is_released)
        return
    status = assoc.send_c_echo()
    assert_type(status, Dataset)
    if "Status" in status and status.Status == 0x0000:
        print(code_to_category(status.Status))
    if assoc.send_c_store(Path("image.dcm")).Status == Status.SUCCESS:
        print("stored")
    assoc.send_c_store(Dataset(), msg_id=2, priority=0)
    for context in assoc.accepted_contexts:
        assert_type(context, PresentationContext)
    assoc.release()


def query(assoc: Association) -> list[str]:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "PATIENT"
    names: list[str] = []
    for status, found in assoc.send_c_find(identifier, FIND, msg_id=3):
        if status and status.Status in (0xFF00, 0xFF01) and found is not None:
            names.append(str(found.PatientName))
    responses = assoc.send_c_move(identifier, "DESTINATION", MOVE)
    assert_type(responses, Generator[tuple[Dataset, Dataset | None], None, None])
    next(responses)
    assoc.send_c_cancel(1, query_model=MOVE)
    responses.close()
    for status, failed in assoc.send_c_get(identifier, PatientRootQueryRetrieveInformationModelGet):
        if failed:
            print(status.NumberOfFailedSuboperations, failed.FailedSOPInstanceUIDList)
    return names


def manage(assoc: Association) -> None:
    attributes = Dataset()
    status, created = assoc.send_n_create(attributes, BasicFilmSession, "1.2.3")
    assert_type(created, Dataset | None)
    status, created = assoc.send_n_create(None, BasicFilmSession)
    status, values = assoc.send_n_get([(0x0010, 0x0010)], BasicFilmSession, "1.2.3")
    status, values = assoc.send_n_get([0x00100010], BasicFilmSession, UID("1.2.3"))
    status, _ = assoc.send_n_set(attributes, BasicFilmSession, "1.2.3", meta_uid="1.2")
    status, reply = assoc.send_n_action(attributes, 1, BasicFilmSession, "1.2.3")
    status, _ = assoc.send_n_event_report(None, 1, BasicFilmSession, "1.2.3")
    status = assoc.send_n_delete(BasicFilmSession, "1.2.3")
    print(status, values, reply)


# A provider.


def handle_echo(event: evt.Event) -> int:
    print(event.assoc.requestor.ae_title, event.timestamp.isoformat())
    return 0x0000


def handle_store(event: evt.Event, folder: Path) -> int:
    dataset = event.dataset
    dataset.file_meta = event.file_meta
    dataset.save_as(folder / f"{dataset.SOPInstanceUID}.dcm")
    (folder / "raw.dcm").write_bytes(event.encoded_dataset())
    return 0x0000


def handle_find(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
    if event.is_cancelled:
        yield 0xFE00, None
        return
    yield 0xFF00, event.identifier


Moved = tuple[str, int] | int | tuple[int, Dataset | None]


def handle_move(event: evt.Event) -> Iterator[Moved]:
    print(event.move_destination)
    yield "127.0.0.1", 104
    yield 1
    yield 0xFF00, Dataset()


def handle_set(event: evt.Event) -> tuple[Dataset, Dataset | None]:
    status = Dataset()
    status.Status = 0x0000
    return status, event.modification_list


def handle_open(event: evt.Event) -> None:
    host, port = event.address[:2]
    print(host, port)


class Archive:
    """Handlers may be methods."""

    def handle_action(self, event: evt.Event) -> tuple[int, Dataset]:
        print(event.action_type, event.message_id, event.context.transfer_syntax)
        return 0x0000, event.action_information

    def handle_user_id(self, event: evt.Event) -> tuple[bool, bytes | None]:
        return event.primary_field == b"user", None


def serve(ae: AE) -> None:
    archive = Archive()
    handlers = [
        (evt.EVT_C_ECHO, handle_echo),
        (evt.EVT_C_STORE, handle_store, [Path()]),
        (evt.EVT_C_FIND, handle_find),
        (evt.EVT_C_MOVE, handle_move),
        (evt.EVT_N_SET, handle_set),
        (evt.EVT_N_ACTION, archive.handle_action),
        (evt.EVT_USER_ID, archive.handle_user_id),
        (evt.EVT_CONN_OPEN, handle_open),
    ]
    annotated: list[evt.EventHandlerType] = [
        (evt.EVT_C_ECHO, handle_echo),
        (evt.EVT_C_STORE, handle_store, [Path()]),
    ]
    only_pairs = [(evt.EVT_C_ECHO, handle_echo)]
    only_triples = [(evt.EVT_C_STORE, handle_store, [Path()])]
    ae.start_server(("", 104), evt_handlers=handlers)
    ae.start_server(("", 104), evt_handlers=annotated)
    ae.start_server(("", 104), block=True, evt_handlers=only_pairs)
    server = ae.start_server(("", 105), block=False, evt_handlers=only_triples)
    assert_type(server, ThreadedAssociationServer)
    server.bind(evt.EVT_CONN_OPEN, handle_open)
    server.bind(evt.EVT_C_STORE, handle_store, [Path()])
    server.unbind(evt.EVT_CONN_OPEN, handle_open)
    for assoc in server.active_associations:
        assoc.abort()
    server.shutdown()
    ae.shutdown()


def serve_perhaps(ae: AE, block: bool) -> None:
    server = ae.start_server(("", 104), block)
    if server is not None:
        server.shutdown()


def serve_by_hand(ae: AE) -> None:
    with ae.make_server(("", 104), ae_title="PACS") as server:
        assert_type(server, AssociationServer)
        server.serve_forever()


def look(assoc: Association) -> None:
    handler, args = assoc.get_handlers(evt.EVT_C_ECHO)
    for bound, further in assoc.get_handlers(evt.EVT_CONN_OPEN):
        print(bound, further, handler, args)
    for event in assoc.get_events():
        print(event.name, event.is_intervention)

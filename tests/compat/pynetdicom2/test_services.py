"""Services of both sides: what hooks return becomes statuses, and nothing that arrives is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from compat.pynetdicom2.entities import (
    CT,
    IMPLICIT,
    VERIFICATION,
    Entity,
    Peer,
    accepting,
    associated,
    client,
    image,
    storing_client,
)
from pynetdicom import pdu as our_pdu
from pynetdicom.compat import pynetdicom2
from pynetdicom.compat.pynetdicom2 import (
    applicationentity,
    dimsemessages,
    exceptions,
    sopclass,
    statuses,
    uids,
)
from pynetdicom.compat.pynetdicom2.asceprovider import PContextDef
from pynetdicom.testing import acceptance

FIND = uids.PATIENT_ROOT_FIND_SOP_CLASS
MOVE = uids.PATIENT_ROOT_MOVE_SOP_CLASS


def failing(*_: Any) -> Any:
    raise exceptions.EventHandlingError("not today")


def query(**keys: str) -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = "PATIENT"
    for keyword, value in keys.items():
        setattr(ds, keyword, value)
    return ds


# Statuses.


@pytest.mark.parametrize("given", [0x0110, statuses.PROCESSING_FAILURE])
def test_the_status_of_an_echo_is_what_the_hook_returns(given: Any) -> None:
    with (
        Entity(sopclass.verification_scp, on_receive_echo=lambda context: given) as server,
        client(sopclass.verification_scu).request_association(server.address) as asce,
    ):
        status = asce.get_scu(VERIFICATION)(1)

    assert (int(status), status.is_failure) == (0x0110, True)


def test_what_a_hook_cannot_do_becomes_a_failure() -> None:
    hooks = {f"on_receive_{name}": failing for name in ("echo", "store", "find", "move")}
    asking = client(sopclass.verification_scu, sopclass.qr_find_scu, sopclass.qr_move_scu)
    asking.add_scu(sopclass.storage_scu, [CT])
    services = sopclass.verification_scp, sopclass.qr_find_scp, sopclass.qr_move_scp
    with (
        Entity(*services, sopclass.storage_scp, **hooks) as server,
        asking.request_association(server.address) as asce,
    ):
        codes = [
            asce.get_scu(VERIFICATION)(1),
            asce.get_scu(CT)(image(), 2),
            *(status for _, status in asce.get_scu(FIND)(query(), 3)),
            *(status for status, _ in asce.get_scu(MOVE)(query(), "STORE", 4)),
        ]

    assert [int(code) for code in codes] == [0x0110, 0xC000, 0xC000, 0xC000]


def test_hooks_that_are_not_overridden_have_their_defaults() -> None:
    asking = client(sopclass.verification_scu, sopclass.qr_find_scu, sopclass.qr_move_scu)
    asking.add_scu(sopclass.storage_scu, [CT])
    services = sopclass.verification_scp, sopclass.qr_find_scp, sopclass.qr_move_scp
    with (
        Entity(*services, sopclass.storage_scp) as server,
        asking.request_association(server.address) as asce,
    ):
        codes = [
            asce.get_scu(VERIFICATION)(1),
            asce.get_scu(CT)(image(), 2),
            *(status for _, status in asce.get_scu(FIND)(query(), 3)),
            *(status for status, _ in asce.get_scu(MOVE)(query(), "STORE", 4)),
        ]

    assert [int(code) for code in codes] == [0x0000, 0xB006, 0x0000, 0xA801]


# Storage.


def test_what_is_stored_comes_as_a_file_that_is_closed_afterwards() -> None:
    seen: list[Any] = []

    def on_receive_store(context: Any, ds: Any) -> statuses.Status:
        seen.extend([context, ds.tell(), dcmread(ds), ds])
        return statuses.SUCCESS

    with (
        Entity(sopclass.storage_scp, on_receive_store=on_receive_store) as server,
        storing_client().request_association(server.address) as asce,
    ):
        assert asce.get_scu(CT)(image(7), 1).is_success

    context, position, instance, file = seen
    assert (context.sop_class, position) == (CT, 0)
    assert instance.file_meta.TransferSyntaxUID == context.supported_ts
    assert instance.file_meta.MediaStorageSOPInstanceUID == instance.SOPInstanceUID == "1.2.3.7"
    assert file.closed


def test_what_does_not_go_to_a_file_comes_as_bytes() -> None:
    seen: list[Any] = []

    def on_receive_store(context: Any, ds: Any) -> int:
        seen.append(ds)
        return 0

    with Entity(sopclass.storage_scp, on_receive_store=on_receive_store) as server:
        server.store_in_file.clear()
        with storing_client().request_association(server.address) as asce:
            assert asce.get_scu(CT)(image(), 1).is_success

    assert isinstance(seen[0], bytes)
    assert seen[0].endswith(b"Vivaldi^Antonio ")


def test_a_file_that_cannot_be_made_is_lack_of_resources_and_the_next_one_arrives(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "later"
    with pynetdicom2.StorageAE(folder, "STORE", 0) as server:
        server.add_scp(sopclass.storage_scp)
        address = {"aet": "STORE", "address": "127.0.0.1", "port": server.local_ae["port"]}
        with storing_client().request_association(address) as asce:
            store = asce.get_scu(CT)
            first = store(image(1), 1)
            folder.mkdir()
            second = store(image(2), 2)

    assert (int(first), int(second)) == (0xA700, 0xB006)
    assert [path.name for path in folder.iterdir()] == ["1.2.3.2.dcm"]


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")  # of pydicom
def test_a_name_that_is_no_uid_does_not_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pynetdicom2.StorageAE(folder, "STORE", 0) as server:
        server.add_scp(sopclass.storage_scp)
        address = {"aet": "STORE", "address": "127.0.0.1", "port": server.local_ae["port"]}
        with storing_client().request_association(address) as asce:
            ds = image()
            ds.SOPInstanceUID = "../escaped"
            assert int(asce.get_scu(CT)(ds, 1)) == 0xC000

    assert list(tmp_path.rglob("*.dcm")) == []


def test_half_an_instance_leaves_no_file(tmp_path: Path) -> None:
    with pynetdicom2.StorageAE(tmp_path, "STORE", 0, [IMPLICIT]) as server:
        server.add_scp(sopclass.storage_scp)
        address = {"aet": "STORE", "address": "127.0.0.1", "port": server.local_ae["port"]}
        asce = associated(storing_client(), address)
        request = dimsemessages.CStoreRQMessage()
        request.message_id, request.priority, request.sop_class_uid = 1, 0, CT
        request.affected_sop_instance_uid = "1.2.3.4"
        request.data_set = bytes(100_000)
        pdus = [value.encode() for value in request.encode(1, 16384)]

        asce.dul._connection.send(b"".join(pdus[: len(pdus) // 2]))
        asce.abort()

    assert list(tmp_path.iterdir()) == []


def test_an_instance_that_comes_again_replaces_the_first(tmp_path: Path) -> None:
    with pynetdicom2.StorageAE(tmp_path, "STORE", 0) as server:
        server.add_scp(sopclass.storage_scp)
        address = {"aet": "STORE", "address": "127.0.0.1", "port": server.local_ae["port"]}
        with storing_client().request_association(address) as asce:
            for name in ("First", "Second"):
                ds = image()
                ds.PatientName = name
                asce.get_scu(CT)(ds, 1)

    (path,) = tmp_path.iterdir()
    assert dcmread(path).PatientName == "Second"


def test_a_file_in_another_uncompressed_syntax_is_written_anew() -> None:
    path = get_testdata_file("CT_small.dcm", download=False)
    seen: list[Any] = []

    def on_receive_store(context: Any, ds: Any) -> int:
        seen.append(dcmread(ds))
        return 0

    asking = client(supported_ts=[IMPLICIT]).add_scu(sopclass.storage_scu, [CT])
    with (
        Entity(sopclass.storage_scp, on_receive_store=on_receive_store) as server,
        asking.request_association(server.address) as asce,
    ):
        assert asce.get_scu(CT)(path, 1).is_success

    assert seen[0].file_meta.TransferSyntaxUID == IMPLICIT
    assert seen[0].PixelData == dcmread(str(path)).PixelData


def test_a_compressed_file_in_another_syntax_is_refused_with_what_to_do() -> None:
    path = get_testdata_file("MR_small_RLE.dcm", download=False)
    asking = client().add_scu(sopclass.storage_scu, [uids.MR_IMAGE_STORAGE])
    with (
        Entity(sopclass.storage_scp) as server,
        asking.request_association(server.address) as asce,
        pytest.raises(exceptions.DIMSEProcessingError, match=r"supported_ts=.*1.2.5"),
    ):
        asce.get_scu(uids.MR_IMAGE_STORAGE)(path, 1)


# Queries.


def many(context: Any, ds: Any) -> Iterator[tuple[Dataset, Any]]:
    while True:
        yield query(PatientID="AV-1"), statuses.C_FIND_PENDING


def test_a_failure_that_is_yielded_ends_the_query() -> None:
    def on_receive_find(context: Any, ds: Any) -> Iterator[tuple[Any, Any]]:
        yield query(PatientID="1"), 0xFF01
        yield None, statuses.C_FIND_OUT_OF_RESOURCES
        yield query(PatientID="2"), statuses.C_FIND_PENDING

    with (
        Entity(sopclass.qr_find_scp, on_receive_find=on_receive_find) as server,
        client(sopclass.qr_find_scu).request_association(server.address) as asce,
    ):
        answers = list(asce.get_scu(FIND)(query(), 1))

    assert [int(status) for _, status in answers] == [0xFF01, 0xA700]


def test_leaving_a_query_early_cancels_it_and_the_association_goes_on() -> None:
    asking = client(sopclass.qr_find_scu, sopclass.verification_scu)
    with (
        Entity(sopclass.qr_find_scp, sopclass.verification_scp, on_receive_find=many) as server,
        asking.request_association(server.address) as asce,
    ):
        found = asce.get_scu(FIND)(query(), 1)
        match, _ = next(found)
        found.close()
        assert asce.get_scu(VERIFICATION)(2).is_success

    assert match is not None
    assert match.PatientID == "AV-1"


def test_c_find_has_an_association_of_its_own() -> None:
    def on_receive_find(context: Any, ds: Any) -> Iterator[tuple[Any, Any]]:
        yield ds, statuses.C_FIND_PENDING

    with Entity(sopclass.qr_find_scp, on_receive_find=on_receive_find) as server:
        answers = list(pynetdicom2.c_find(server.address, "CLIENT", query(PatientID="X")))
        study = uids.STUDY_ROOT_FIND_SOP_CLASS
        again = list(pynetdicom2.c_find(server.address, "CLIENT", query(), study))

    assert [match and match.PatientID for match, _ in answers] == ["X", None]
    assert [int(status) for _, status in again] == [0xFF00, 0]


# Retrieval.


def test_a_move_counts_what_failed_and_what_warned() -> None:
    strange = image(2)
    strange.SOPClassUID = uids.MR_IMAGE_STORAGE
    results = {"1.2.3.1": 0, "1.2.3.3": 0xB000, "1.2.3.4": 0xA700}

    def on_receive_store(context: Any, ds: Any) -> int:
        return results[dcmread(ds).SOPInstanceUID]

    with Entity(sopclass.storage_scp, on_receive_store=on_receive_store) as store:

        def on_receive_move(context: Any, ds: Any, destination: str) -> Any:
            return store.address, 4, iter([image(1), strange, image(3), image(4)])

        with Entity(sopclass.qr_move_scp, on_receive_move=on_receive_move) as server:
            server.add_scu(sopclass.storage_scu, [CT])
            with client(sopclass.qr_move_scu).request_association(server.address) as asce:
                *pending, (status, last) = asce.get_scu(MOVE)(query(), "STORE", 1)

    assert int(status) == 0xB000
    assert [message.num_of_remaining_sub_ops for _, message in pending] == [4, 3, 2, 1]
    counts = last.num_of_completed_sub_ops, last.num_of_failed_sub_ops, last.num_of_warning_sub_ops
    assert counts == (1, 2, 1)
    assert b"1.2.3.2\\1.2.3.4" in last.data_set


def test_a_move_to_an_entity_that_is_not_there_fails() -> None:
    with Entity() as gone:
        address = gone.address
    hooks = {"on_receive_move": lambda context, ds, destination: (address, 2, iter([image()]))}

    with Entity(sopclass.qr_move_scp, **hooks) as server:
        server.add_scu(sopclass.storage_scu, [CT])
        with client(sopclass.qr_move_scu).request_association(server.address) as asce:
            ((status, message),) = asce.get_scu(MOVE)(query(), "STORE", 1)

    assert (int(status), message.num_of_failed_sub_ops) == (0xA702, 2)


@pytest.mark.parametrize("in_file", [True, False])
def test_a_get_yields_what_comes_and_asks_the_hook_for_the_status(in_file: bool) -> None:
    answers: list[Any] = []

    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)
        peer.read(), peer.read()  # request and identifier
        store = dimsemessages.CStoreRQMessage()
        store.message_id, store.priority, store.sop_class_uid = 1, 0, CT
        store.affected_sop_instance_uid = "1.2.3.1"
        store.data_set = b"\x10\x00\x10\x00\x08\x00\x00\x00Vivaldi "
        for value in store.encode(7, 16384):
            peer.write(value)
        answers.append(peer.read())
        final = dimsemessages.CGetRSPMessage()
        final.sop_class_uid, final.message_id_being_responded_to = "1.2", 5
        final.status = 0
        for value in final.encode(1, 16384):
            peer.write(value)
        peer.read()
        peer.write(our_pdu.A_RELEASE_RP())

    class Client(applicationentity.ClientAE):
        def on_receive_store(self, context: Any, ds: Any) -> int:
            assert (dcmread(ds).PatientName == "Vivaldi") if in_file else ds.endswith(b"Vivaldi ")
            return 0xB007

    asking = Client("CLIENT", [IMPLICIT]).add_scu(sopclass.qr_get_scu)
    asking.update_context_def_list([CT], store_in_file=in_file)
    with accepting(play) as address, asking.request_association(address) as asce:
        get = asce.get_scu(uids.PATIENT_ROOT_GET_SOP_CLASS)
        ((context, ds),) = get(query(), 5)
        instance = dcmread(ds) if in_file else ds
        if in_file:
            ds.close()

    assert (context.sop_class, instance.PatientName) == (CT, "Vivaldi")
    assert b"\x00\x09\x02\x00\x00\x00\x07\xb0" in answers[0].encode()


def test_a_move_that_is_cancelled_ends_and_tells_what_remains() -> None:
    cancelled = threading.Event()

    with Entity(sopclass.storage_scp) as store:

        def datasets() -> Iterator[Dataset]:
            for number in range(1, 100):
                yield image(number)
                assert cancelled.wait(20)

        def on_receive_move(context: Any, ds: Any, destination: str) -> Any:
            return store.address, 99, datasets()

        with Entity(sopclass.qr_move_scp, on_receive_move=on_receive_move) as server:
            server.add_scu(sopclass.storage_scu, [CT])
            with client(sopclass.qr_move_scu).request_association(server.address) as asce:
                responses = asce.get_scu(MOVE)(query(), "STORE", 5)
                next(responses)
                cancel = dimsemessages.CCancelRQMessage()
                cancel.message_id_being_responded_to = 5
                asce.send(cancel, asce.sop_classes_as_scu[MOVE][0])
                cancelled.set()
                *_, (status, last) = responses

    assert (int(status), status.is_cancel) == (0xFE00, True)
    assert last.num_of_remaining_sub_ops + last.num_of_warning_sub_ops == 99


def test_what_is_retrieved_is_kept_in_a_folder(tmp_path: Path) -> None:
    ae = pynetdicom2.ClientStorageAE(tmp_path, "CLIENT", [IMPLICIT])
    context = PContextDef(1, CT, IMPLICIT)
    command_set = Dataset()
    command_set.AffectedSOPClassUID, command_set.AffectedSOPInstanceUID = CT, "1.2.3.5"

    file, begin = ae.get_file(context, command_set)
    file.write(b"\x10\x00\x10\x00\x02\x00\x00\x00A ")
    assert [path.name for path in tmp_path.glob("*.dcm")] == []
    file.keep()
    file.close()

    assert (begin, file.name) == (0, str(tmp_path / "1.2.3.5.dcm"))
    assert dcmread(tmp_path / "1.2.3.5.dcm").PatientName == "A"


class Failing(BytesIO):
    """A file on a disk that is full."""

    def __init__(self, method: str) -> None:
        super().__init__()
        vars(self)[method] = self._fail

    def _fail(self, *_: Any) -> Any:
        raise OSError("No space left on device")


@pytest.mark.parametrize("method", ["write", "seek"])
def test_a_disk_that_is_full_is_lack_of_resources_and_the_association_goes_on(method: str) -> None:
    files = [Failing(method), BytesIO()]
    hooks = {
        "get_file": lambda context, command_set: (files.pop(0), 0),
        "on_receive_store": lambda context, ds: 0,
    }
    with (
        Entity(sopclass.storage_scp, **hooks) as server,
        storing_client().request_association(server.address) as asce,
    ):
        codes = [int(asce.get_scu(CT)(image(number), number)) for number in (1, 2)]

    assert codes == [0xA700, 0x0000]


# Commitment.


def test_a_report_that_nobody_takes_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with Entity(sopclass.verification_scp) as asking:
        asking.add_scu(sopclass.storage_commitment_scu)
        hooks = {"on_commitment_request": lambda who, uids: (asking.address, None, None)}
        with (
            Entity(sopclass.StorageCommitment(), **hooks) as keeper,
            asking.request_association(keeper.address) as asce,
        ):
            ask = asce.get_scu(uids.STORAGE_COMMITMENT_SOP_CLASS)
            assert ask("1.2.3.4", [(CT, "1.2.3.1")], 1).is_success

    assert "1.2.3.4 is not reported: SOP Class 1.2.840.10008.1.20.1 not supported" in caplog.text


@pytest.mark.parametrize(
    ("hook", "status", "is_reported"),
    [("on_commitment_request", 0x0110, False), ("on_commitment_response", 0x0000, True)],
)
def test_commitment_that_cannot_be_given_or_taken_is_answered(
    hook: str, status: int, is_reported: bool
) -> None:
    reported = threading.Event()

    def on_commitment_response(*_: Any) -> None:
        reported.set()
        raise exceptions.EventHandlingError("no")

    with Entity(sopclass.StorageCommitment()) as asking:
        asking.add_scu(sopclass.storage_commitment_scu)
        vars(asking)["on_commitment_response"] = on_commitment_response
        good = {"on_commitment_request": lambda who, uids: (asking.address, uids, None)}
        hooks = {} if hook == "on_commitment_request" else good
        with Entity(sopclass.StorageCommitment(), **hooks) as keeper:
            with asking.request_association(keeper.address) as asce:
                ask = asce.get_scu(uids.STORAGE_COMMITMENT_SOP_CLASS)
                answer = ask("1.2.3.4", [(CT, "1.2.3.1")], 1)
            if is_reported:
                assert reported.wait(20)

    assert int(answer) == status
    assert reported.is_set() is is_reported


# Services of users.


def test_a_dispatcher_calls_the_method_for_a_message_and_refuses_others() -> None:
    class Printer(sopclass.MessageDispatcherSCP):
        sop_classes = ("1.2.840.10008.5.1.1.16",)

        def n_get(self, asce: Any, ctx: Any, msg: Any) -> None:
            response = dimsemessages.NGetRSPMessage()
            response.message_id_being_responded_to = msg.message_id
            response.sop_class_uid = msg.sop_class_uid
            response.status = 0x0107
            asce.send(response, ctx.id)

    class Asker(sopclass.MessageDispatcherSCU):
        sop_classes = Printer.sop_classes

        def n_get(self, asce: Any, ctx: Any, msg: Any) -> Any:
            asce.send(msg, ctx.id)
            return asce.receive()[0].status

        n_delete = n_get

    with (
        Entity(Printer()) as server,
        client(Asker()).request_association(server.address) as asce,
    ):
        service = asce.get_scu(Asker.sop_classes[0])
        codes = []
        for kind in (dimsemessages.NGetRQMessage, dimsemessages.NDeleteRQMessage):
            message = kind()
            message.message_id = 1
            message.sop_class_uid = Asker.sop_classes[0]
            message.requested_sop_instance_uid = "1.2"
            codes.append(service(message))
        with pytest.raises(exceptions.ClassNotSupportedError, match="NSetRQMessage"):
            service(dimsemessages.NSetRQMessage())

    assert codes == [0x0107, 0x0211]

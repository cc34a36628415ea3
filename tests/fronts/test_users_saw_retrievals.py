"""What users of earlier versions saw of queries, retrievals and reports.

Each story is named after what was seen, and begins with the numbers of the threads. The page
`docs/explanation/what-users-saw.md` has them all.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from fronts.certificates import Certificates
from fronts.instances import ct_image
from fronts.services import (
    FIND,
    GET,
    MOVE,
    OTHER_IMAGE,
    Provider,
    archive,
    associated,
    association,
    image,
    in_front,
    patient,
    playing,
    respond,
    responses,
    returns,
    statuses,
    yields,
)
from fronts.stage import PATIENCE, Front, Handlers, Recorder, run_all
from pynetdicom import AE, build_context, evt
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.sop_class import CTImageStorage, StorageCommitmentPushModel
from pynetdicom.testing import build

QUERY = patient("*")
COMMITMENT = UID("1.2.840.10008.1.20.1.1")


class Destination:
    """Where a C-MOVE goes: it notes the requests, and the transfer syntaxes they came in."""

    def __init__(self, front: Front, *syntaxes: str, **options: Any) -> None:
        ae = front.ae("DESTINATION")
        ae.supported_contexts = []
        ae.add_supported_context(CTImageStorage, list(syntaxes) or [ImplicitVRLittleEndian])
        self.requests: list[Any] = []
        self.syntaxes: list[str] = []
        server = front.serve(ae, [(evt.EVT_C_STORE, self.keep)], **options)
        self.address: Any = server.server_address

    def keep(self, event: evt.Event) -> int:
        self.requests.append(event.request)
        self.syntaxes.append(event.context.transfer_syntax)
        return 0x0000


def moving(
    front: Front, to: tuple[Any, ...], *results: Any, message_id: int = 1
) -> list[int | None]:
    """Have these moved there; return the statuses."""
    handlers: Handlers = [(evt.EVT_C_MOVE, yields(to, len(results), *results))]
    with association(front, handlers) as assoc:
        return statuses(front, assoc.send_c_move(QUERY, "DESTINATION", MOVE, message_id))


# C-MOVE.


def test_a_destination_cannot_be_given_its_own_contexts(front: Front) -> None:
    """#446, #992, #922, #976: the handler of EVT_C_MOVE says with which to associate."""
    place = Destination(front, ExplicitVRLittleEndian, ImplicitVRLittleEndian)
    contexts = [build_context(CTImageStorage, ExplicitVRLittleEndian)]

    found = moving(
        front,
        (*place.address, {"contexts": contexts}),
        (0xFF00, ct_image(ExplicitVRLittleEndian)),
    )

    assert found == [0xFF00, 0x0000]
    assert place.syntaxes == [ExplicitVRLittleEndian]


def test_a_destination_cannot_be_reached_over_tls(front: Front, certificates: Certificates) -> None:
    """#595: the handler says how, as with any argument of `AE.associate()`."""
    place = Destination(front, ssl_context=certificates.for_server())
    options = {"tls_args": (certificates.for_client(), "127.0.0.1")}

    found = moving(front, (*place.address, options), (0xFF00, image("1.1")))

    assert found == [0xFF00, 0x0000]
    assert len(place.requests) == 1


def test_the_originators_message_id_is_wrong(front: Front) -> None:
    """#541: it is that of the C-MOVE."""
    place = Destination(front)

    moving(front, place.address, (0xFF00, image("1.1")), message_id=1234)

    (request,) = place.requests
    assert request.MoveOriginatorMessageID == 1234


def test_a_move_in_which_all_failed_is_a_warning(front: Front) -> None:
    """#577: it is the failure 0xA702."""
    place = Destination(front)

    assert moving(front, place.address, (0xFF00, OTHER_IMAGE)) == [0xFF00, 0xA702]


def test_success_comes_with_a_stale_identifier(front: Front) -> None:
    """#571: it comes with none."""
    stored: Handlers = [(evt.EVT_C_STORE, returns(0x0000))]
    handler = yields(2, (0xFF00, OTHER_IMAGE), (0xFF00, image("1.1")))
    with association(front, [(evt.EVT_C_GET, handler)], stored) as assoc:
        *_, (_, failed) = responses(front, assoc.send_c_get(QUERY, GET))
    with association(front, [(evt.EVT_C_GET, yields(1, (0xFF00, image("1.1"))))], stored) as assoc:
        *_, (final, nothing) = responses(front, assoc.send_c_get(QUERY, GET))

    assert failed is not None
    assert failed.FailedSOPInstanceUIDList == "1.9"
    assert (final.Status, nothing) == (0x0000, None)


@pytest.mark.parametrize(("model", "status"), [(GET, 0xC416), (MOVE, 0xC516)])
def test_more_than_65535_sub_operations_break_the_counters(
    front: Front, model: UID, status: int
) -> None:
    """#982: they are refused: a counter has 16 bits."""
    place = Destination(front)
    handlers: Handlers = [
        (evt.EVT_C_GET, yields(65_536)),
        (evt.EVT_C_MOVE, yields(place.address, 65_536)),
    ]
    with association(front, handlers) as assoc:
        stream = (
            assoc.send_c_get(QUERY, GET)
            if model is GET
            else assoc.send_c_move(QUERY, "DESTINATION", MOVE)
        )
        assert statuses(front, stream) == [status]


# Several things at once.


def test_two_moves_at_once_get_in_each_others_way(front: Front) -> None:
    """#596: on one association they take turns, two are served at once."""
    place, both_are_there = Destination(front), threading.Barrier(2)

    def move(event: evt.Event) -> Iterator[Any]:
        yield place.address
        yield 1
        both_are_there.wait(PATIENCE)
        yield 0xFF00, image("1.1")

    server = front.serve(archive(front, "SERVER"), [(evt.EVT_C_MOVE, move)])
    found: list[list[int | None]] = []

    def ask() -> None:
        assoc = associated(front, server.server_address)
        found.append(statuses(front, assoc.send_c_move(QUERY, "DESTINATION", MOVE)))

    run_all(ask, ask)

    assert found == [[0xFF00, 0x0000]] * 2


def test_a_handler_cannot_ask_its_own_peer(front: Front) -> None:
    """#536: it can, in the thread that runs it."""
    found: list[int] = []

    def find(event: evt.Event) -> Iterator[Any]:
        found.append(in_front(front, event.assoc.send_c_echo, 9).Status)
        yield 0xFF00, patient("A")

    with association(front, [(evt.EVT_C_FIND, find)]) as assoc:
        assert statuses(front, assoc.send_c_find(QUERY, FIND)) == [0xFF00, 0x0000]

    assert found == [0x0000]


def test_two_threads_cannot_share_an_association(front: Front) -> None:
    """#801: they can, and each gets the answers to its own requests."""
    with association(front, [(evt.EVT_C_FIND, _matches)]) as assoc:
        found: dict[int, list[str]] = {}

        def ask(number: int) -> None:
            stream = assoc.send_c_find(patient(f"P{number}"), FIND, msg_id=number)
            names = [str(match.PatientName) for _, match in responses(front, stream) if match]
            found[number] = names

        run_all(*_each(ask, 4))

    assert found == {number: [f"P{number}"] * 3 for number in range(1, 5)}


def _matches(event: evt.Event) -> Iterator[Any]:
    for _ in range(3):
        yield 0xFF00, event.identifier


def _each(ask: Callable[[int], None], count: int) -> list[Callable[[], None]]:
    def bound(number: int) -> Callable[[], None]:
        return lambda: ask(number)

    return [bound(number) for number in range(1, count + 1)]


# Reports.


def test_a_storage_commitment_report_on_another_association_is_refused(front: Front) -> None:
    """#617, #469, #380: whoever asked for commitment listens, too, and takes it."""
    reports = Recorder()
    asker = front.ae("ASKER")
    asker.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)

    def take(event: evt.Event) -> tuple[int, None]:
        reports.note(event)
        return 0x0000, None

    listener = front.serve(asker, [(evt.EVT_N_EVENT_REPORT, take)])
    provider: AE = front.ae("PROVIDER")
    contexts = [build_context(StorageCommitmentPushModel)]

    assoc = front.associate(provider, listener.server_address, contexts=contexts)
    result = Dataset()
    result.TransactionUID = "1.2.3"
    status, _ = assoc.send_n_event_report(result, 1, StorageCommitmentPushModel, COMMITMENT)

    assert status.Status == 0x0000
    assert [event.event_type for event in reports.events] == [1]


def test_a_report_that_comes_before_the_answer_blocks_both_sides(front: Front) -> None:
    """#617: it is answered while the call waits."""
    report = build(
        N_EVENT_REPORT,
        MessageID=3,
        AffectedSOPClassUID=StorageCommitmentPushModel,
        AffectedSOPInstanceUID=COMMITMENT,
        EventTypeID=1,
    )
    answers: list[Any] = []

    def script(peer: Provider) -> None:
        request = peer.hear()
        peer.say(report, StorageCommitmentPushModel)
        answers.append(peer.hear())
        peer.say(respond(N_ACTION, request.MessageID, 0x0000), StorageCommitmentPushModel)
        peer.agree_to_release()

    handlers: Handlers = [(evt.EVT_N_EVENT_REPORT, returns((0x0000, None)))]
    with playing(front, script, handlers) as assoc:
        status, _ = assoc.send_n_action(None, 1, StorageCommitmentPushModel, COMMITMENT)
        assoc.release()

    assert status.Status == 0x0000
    assert [answer.Status for answer in answers] == [0x0000]

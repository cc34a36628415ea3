"""C-GET and C-MOVE over connections: who stores what where, and what may come between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fronts.services import (
    GET,
    MOVE,
    OTHER_IMAGE,
    Provider,
    Signal,
    archive,
    associated,
    association,
    data,
    image,
    patient,
    playing,
    respond,
    responses,
    returns,
    statuses,
    yields,
)
from fronts.stage import Front, Handlers, Recorder
from pynetdicom import build_context, evt
from pynetdicom.dimse_primitives import C_GET, C_STORE
from pynetdicom.sop_class import CTImageStorage
from pynetdicom.testing import build

QUERY = patient("*")
ONE, TWO, THREE = ((0xFF00, image(f"1.{number}")) for number in (1, 2, 3))
STORED = (evt.EVT_C_STORE, returns(0x0000))


class Shelf:
    """Keeps what is stored, as a handler of EVT_C_STORE."""

    def __init__(self, status: int = 0x0000) -> None:
        self.status = status
        self.events: list[evt.Event] = []
        self.handlers: Handlers = [(evt.EVT_C_STORE, self.keep)]

    def keep(self, event: evt.Event) -> int:
        self.events.append(event)
        return self.status

    @property
    def uids(self) -> list[str]:
        return [event.dataset.SOPInstanceUID for event in self.events]


# C-GET.


def test_what_a_c_get_asks_for_comes_to_the_handler_of_c_store(front: Front) -> None:
    shelf = Shelf()
    with association(front, [(evt.EVT_C_GET, yields(2, ONE, TWO))], shelf.handlers) as assoc:
        *pending, (final, _) = responses(front, assoc.send_c_get(QUERY, GET))

    assert shelf.uids == ["1.1", "1.2"]
    assert [status.NumberOfCompletedSuboperations for status, _ in pending] == [1, 2]
    assert [status.NumberOfRemainingSuboperations for status, _ in pending] == [1, 0]
    assert (final.Status, final.NumberOfCompletedSuboperations) == (0x0000, 2)


def test_what_could_not_be_stored_is_listed_at_the_end(front: Front) -> None:
    handlers: Handlers = [(evt.EVT_C_GET, yields(2, ONE, (0xFF00, OTHER_IMAGE)))]
    with association(front, handlers, [STORED]) as assoc:
        *_, (final, identifier) = responses(front, assoc.send_c_get(QUERY, GET))

    assert (final.Status, final.NumberOfFailedSuboperations) == (0xB000, 1)
    assert identifier is not None
    assert identifier.FailedSOPInstanceUIDList == "1.9"


def test_without_a_handler_of_c_store_all_fails(front: Front) -> None:
    with association(front, [(evt.EVT_C_GET, yields(1, ONE))]) as assoc:
        assert statuses(front, assoc.send_c_get(QUERY, GET)) == [0xFF00, 0xA702]
        assert assoc.is_established


def test_a_c_get_may_be_cancelled(front: Front) -> None:
    def handle(event: evt.Event) -> Iterator[Any]:
        yield 1000
        while not event.is_cancelled:
            yield ONE
        yield 0xFE00, None

    with association(front, [(evt.EVT_C_GET, handle)], [STORED]) as assoc:
        stream = responses(front, assoc.send_c_get(QUERY, GET, msg_id=4))
        next(stream)
        assoc.send_c_cancel(4, query_model=GET)
        *_, (final, _) = stream

    done = final.NumberOfCompletedSuboperations
    assert (final.Status, final.NumberOfRemainingSuboperations) == (0xFE00, 1000 - done)


def test_whoever_leaves_a_c_get_early_is_still_stored_to(front: Front) -> None:
    shelf, over = Shelf(), Recorder(evt.EVT_DIMSE_SENT)

    def handle(event: evt.Event) -> Iterator[Any]:
        yield 3
        yield from (ONE, TWO, THREE)

    handlers: Handlers = [(evt.EVT_C_GET, handle), *over.handlers]
    with association(front, handlers, shelf.handlers) as assoc:
        stream = responses(front, assoc.send_c_get(QUERY, GET))
        next(stream)
        stream.close()

        # Three stores, three pending responses, the final one.
        over.wait_for(evt.EVT_DIMSE_SENT, count=7)
        assert assoc.send_c_echo().Status == 0x0000

    assert shelf.uids == ["1.1", "1.2", "1.3"]


def test_a_peer_that_falls_silent_in_a_c_get_is_given_up(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.peer.hear()

    with playing(front, script) as assoc:
        assoc.dimse_timeout = 0.05
        found = statuses(front, assoc.send_c_get(QUERY, GET))

    assert (found, assoc.is_aborted) == ([None], True)


def test_each_store_of_a_c_get_starts_the_patience_anew(front: Front) -> None:
    shelf = Shelf()

    def script(peer: Provider) -> None:
        peer.hear()
        for number in range(3):
            peer.say(store_request(number), CTImageStorage, image("1.1"))
            assert peer.hear().Status == 0x0122  # there was no role selection
        peer.say(respond(C_GET, 1, 0xB000), GET)
        peer.agree_to_release()

    with playing(front, script, shelf.handlers) as assoc:
        found = statuses(front, assoc.send_c_get(QUERY, GET))
        assoc.release()

    assert found == [0xB000]
    assert shelf.events == []


def store_request(number: int) -> C_STORE:
    request: C_STORE = build(
        C_STORE,
        MessageID=number,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.1",
    )
    return request


def test_an_abort_in_mid_retrieval_ends_the_handler(front: Front) -> None:
    ended = Signal()

    def handle(event: evt.Event) -> Iterator[Any]:
        try:
            yield 1000
            while True:
                yield ONE
        finally:
            ended.give()

    with association(front, [(evt.EVT_C_GET, handle)], [STORED]) as assoc:
        stream = responses(front, assoc.send_c_get(QUERY, GET))
        next(stream)
        assoc.abort()
        *_, (final, _) = stream
        ended.wait()

    assert "Status" not in final


def test_an_abort_by_the_peer_in_mid_retrieval_ends_it(front: Front) -> None:
    def handle(event: evt.Event) -> Iterator[Any]:
        yield 2
        yield ONE
        event.assoc.abort()

    with association(front, [(evt.EVT_C_GET, handle)], [STORED]) as assoc:
        assert statuses(front, assoc.send_c_get(QUERY, GET)) == [0xFF00, None]
        assert assoc.is_aborted


# C-MOVE.


def test_a_c_move_stores_at_the_destination(front: Front) -> None:
    shelf = Shelf()
    target = front.serve(archive(front, "TARGET"), shelf.handlers).server_address
    handler = yields(target[:2], 2, ONE, TWO)

    with association(front, [(evt.EVT_C_MOVE, handler)]) as assoc:
        found = statuses(front, assoc.send_c_move(QUERY, "TARGET", MOVE, msg_id=21))

    assert found == [0xFF00, 0xFF00, 0x0000]
    assert shelf.uids == ["1.1", "1.2"]
    requests = [event.request for event in shelf.events]
    assert {request.MoveOriginatorApplicationEntityTitle for request in requests} == {"SERVER"}
    assert {request.MoveOriginatorMessageID for request in requests} == {21}


def test_the_destination_is_called_as_the_requestor_called_it(front: Front) -> None:
    ae, seen = archive(front, "TARGET"), Recorder(evt.EVT_ESTABLISHED, evt.EVT_RELEASED)
    ae.require_called_aet = True
    target = front.serve(ae, [STORED, *seen.handlers]).server_address

    with association(front, [(evt.EVT_C_MOVE, yields(target[:2], 1, ONE))]) as assoc:
        found = statuses(front, assoc.send_c_move(QUERY, "TARGET", MOVE))
        seen.wait_for(evt.EVT_RELEASED)

    assert found == [0xFF00, 0x0000]
    assert seen.events[0].assoc.requestor.ae_title == "SERVER"


def test_the_handler_may_say_how_to_associate_with_the_destination(front: Front) -> None:
    ae, seen = archive(front, "OTHER"), Recorder(evt.EVT_ESTABLISHED)
    ae.require_called_aet = True
    target = front.serve(ae, [STORED]).server_address
    contexts = [build_context(CTImageStorage)]
    options = {"ae_title": "OTHER", "contexts": contexts, "evt_handlers": seen.handlers}
    handler = yields((*target[:2], options), 1, ONE)

    with association(front, [(evt.EVT_C_MOVE, handler)]) as assoc:
        found = statuses(front, assoc.send_c_move(QUERY, "TARGET", MOVE))

    assert found == [0xFF00, 0x0000]
    (event,) = seen.events
    assert [c.abstract_syntax for c in event.assoc.accepted_contexts] == [CTImageStorage]


def test_a_requestor_may_have_instances_moved_to_itself(front: Front) -> None:
    shelf = Shelf()
    own = front.serve(archive(front, "CLIENT"), shelf.handlers).server_address

    with association(front, [(evt.EVT_C_MOVE, yields(own[:2], 1, ONE))]) as assoc:
        assert statuses(front, assoc.send_c_move(QUERY, "CLIENT", MOVE)) == [0xFF00, 0x0000]

    assert shelf.uids == ["1.1"]


def test_files_are_moved_too(front: Front, tmp_path: Path) -> None:
    shelf, path = Shelf(), tmp_path / "one.dcm"
    image("1.2.3").save_as(path, enforce_file_format=True)
    target = front.serve(archive(front, "TARGET"), shelf.handlers).server_address

    with association(front, [(evt.EVT_C_MOVE, yields(target[:2], 1, (0xFF00, path)))]) as assoc:
        assert statuses(front, assoc.send_c_move(QUERY, "TARGET", MOVE)) == [0xFF00, 0x0000]

    assert shelf.uids == ["1.2.3"]


def _nobody_listens(front: Front) -> Any:
    server = front.serve(archive(front))
    address = server.server_address[:2]
    server.shutdown()
    return address


def _knows_nobody(front: Front) -> Any:
    ae = archive(front)
    ae.require_calling_aet = ["SOMEBODY"]
    return front.serve(ae).server_address[:2]


def _is_unknown(front: Front) -> Any:
    return None, None


@pytest.mark.parametrize("find", [_nobody_listens, _knows_nobody, _is_unknown])
def test_a_destination_that_cannot_be_reached_is_a801(front: Front, find: Any) -> None:
    handler = yields(find(front), 1, ONE)

    with association(front, [(evt.EVT_C_MOVE, handler)]) as assoc:
        assert statuses(front, assoc.send_c_move(QUERY, "TARGET", MOVE)) == [0xA801]
        assert assoc.send_c_echo().Status == 0x0000


@pytest.mark.parametrize(
    "destination",
    [
        ("127.0.0.1", "104"),
        (127, 104),
        ("127.0.0.1", 104, {"colour": "red"}),
        ("127.0.0.1", 104, {"contexts": []}),
        ("127.0.0.1", 104, {"contexts": ["CT"]}),
        ("127.0.0.1", 104, {"ae_title": "SEVENTEEN_LETTERS"}),
    ],
)
def test_a_destination_that_cannot_be_one_is_c515(front: Front, destination: Any) -> None:
    with association(front, [(evt.EVT_C_MOVE, yields(destination, 1, ONE))]) as assoc:
        assert statuses(front, assoc.send_c_move(QUERY, "TARGET", MOVE)) == [0xC515]
        assert assoc.send_c_echo().Status == 0x0000


def test_a_destination_that_goes_away_fails_the_rest(front: Front) -> None:
    def leave(event: evt.Event) -> int:
        event.assoc.abort()
        return 0x0000

    target = front.serve(archive(front, "TARGET"), [(evt.EVT_C_STORE, leave)]).server_address
    handler = yields(target[:2], 3, ONE, TWO, THREE)

    with association(front, [(evt.EVT_C_MOVE, handler)]) as assoc:
        *_, (final, identifier) = responses(front, assoc.send_c_move(QUERY, "TARGET", MOVE))

    assert (final.Status, final.NumberOfFailedSuboperations) == (0xA702, 3)
    assert identifier is not None
    assert identifier.FailedSOPInstanceUIDList == ["1.1", "1.2", "1.3"]


def test_a_c_move_may_be_cancelled(front: Front) -> None:
    target = front.serve(archive(front, "TARGET"), [STORED]).server_address

    def handle(event: evt.Event) -> Iterator[Any]:
        yield target[:2]
        yield 1000
        while not event.is_cancelled:
            yield ONE
        yield 0xFE00, None

    with association(front, [(evt.EVT_C_MOVE, handle)]) as assoc:
        stream = responses(front, assoc.send_c_move(QUERY, "TARGET", MOVE))
        next(stream)
        assoc.send_c_cancel(1, query_model=MOVE)
        *_, (final, _) = stream

    assert final.Status == 0xFE00


def test_whoever_takes_no_response_of_a_c_move_can_go_on(front: Front) -> None:
    with association(front, [(evt.EVT_C_MOVE, yields((None, None)))]) as assoc:
        assoc.send_c_move(QUERY, "TARGET", MOVE)

        assert assoc.send_c_echo().Status == 0x0000


def test_two_requestors_are_served_at_once(front: Front) -> None:
    """Neither retrieval ends before both have begun."""
    first, second = Signal(), Signal()
    signals = {1: (first, second), 2: (second, first)}

    def handle(event: evt.Event) -> Iterator[Any]:
        mine, theirs = signals[event.message_id]
        yield 2
        yield ONE
        mine.give()
        theirs.wait()
        yield TWO

    server = front.serve(archive(front, "SERVER"), [(evt.EVT_C_GET, handle)])
    one = associated(front, server.server_address, [STORED])
    other = associated(front, server.server_address, [STORED])

    streams = [
        responses(front, one.send_c_get(QUERY, GET, msg_id=1)),
        responses(front, other.send_c_get(QUERY, GET, msg_id=2)),
    ]
    begun = [next(stream)[0].Status for stream in streams]
    ended = [[status.Status for status, _ in stream] for stream in streams]

    assert begun == [0xFF00, 0xFF00]
    assert ended == [[0xFF00, 0x0000]] * 2


def test_data_sets_travel_as_they_are(front: Front) -> None:
    shelf = Shelf()
    with association(front, [(evt.EVT_C_GET, yields(1, ONE))], shelf.handlers) as assoc:
        statuses(front, assoc.send_c_get(QUERY, GET))

    assert shelf.events[0].encoded_dataset(include_meta=False) == data(image("1.1"))

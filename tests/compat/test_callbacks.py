"""Callbacks are called, whichever way they are set, and what they give is the answer."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from compat.stage import (
    FIND,
    GET,
    MOVE,
    answers,
    archive,
    asking,
    associate,
    identifier,
    image,
    offer,
    started,
    statuses,
)
from fronts.stage import eventually
from pynetdicom import AE, build_role, evt
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.sop_class import (
    BasicFilmSession,
    CTImageStorage,
    StorageCommitmentPushModel,
    Verification,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*is the way of pynetdicom 1.1:DeprecationWarning")

Calls = list[tuple[Any, ...]]


@pytest.fixture
def ae() -> Any:
    return offer(AE("OLD"))


@pytest.fixture
def calls() -> Calls:
    return []


def noting(calls: Calls, answer: Any = None) -> Callable[..., Any]:
    """Return a callback that notes what it is called with, and gives `answer`."""

    def callback(*args: Any) -> Any:
        calls.append(args)
        return answer

    return callback


# What they are called with.


def test_a_store_callback_sees_the_data_set_the_context_and_both_sides(
    ae: Any, calls: Calls
) -> None:
    ae.on_c_store = noting(calls, 0xB000)

    with started(ae) as port, asking(port) as assoc:
        status = assoc.send_c_store(image(), 7, 1, "MOVER", 12)
        local = assoc.local

    [(dataset, context, info)] = calls
    assert status.Status == 0xB000
    assert dataset.PatientName == "Old^Program"
    assert (context.context_id, context.abstract_syntax) == (3, CTImageStorage)
    assert context.transfer_syntax == ImplicitVRLittleEndian
    assert info["requestor"] == {**local, "ae_title": "ASKING"}
    assert info["acceptor"] == {
        "ae_title": "OLD",
        "address": "127.0.0.1",
        "port": port,
        "mode": "acceptor",
        "pdv_size": 16382,
    }
    assert info["parameters"] == {
        "message_id": 7,
        "priority": 1,
        "originator_aet": "MOVER",
        "originator_message_id": 12,
    }
    assert (info["sop_class_extended"], info["sop_class_common_extended"]) == ({}, {})


def test_an_echo_callback_sees_the_message_id_and_gives_a_status(ae: Any, calls: Calls) -> None:
    ae.on_c_echo = noting(calls, 0x0122)

    with started(ae) as port, asking(port) as assoc:
        status = assoc.send_c_echo(5)

    [(context, info)] = calls
    assert status.Status == 0x0122
    assert context.abstract_syntax == Verification
    assert info["parameters"] == {"message_id": 5}


def test_a_find_callback_yields_matches(ae: Any, calls: Calls) -> None:
    def on_c_find(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        calls.append((dataset, context, info))
        yield 0xFF00, identifier("First")
        yield 0xFF01, identifier("Second")

    ae.on_c_find = on_c_find

    with started(ae) as port, asking(port) as assoc:
        found = answers(assoc.send_c_find(identifier("A*"), FIND, 3, 0))

    [(dataset, context, info)] = calls
    assert [(status, match and str(match.PatientName)) for status, match in found] == [
        (0xFF00, "First"),
        (0xFF01, "Second"),
        (0x0000, None),
    ]
    assert (dataset.PatientName, context.abstract_syntax) == ("A*", FIND)
    assert info["parameters"] == {"message_id": 3, "priority": 0}


def test_a_get_callback_yields_how_many_and_what(ae: Any, calls: Calls) -> None:
    def on_c_get(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        calls.append((dataset, context, info))
        yield 2
        yield 0xFF00, image("One", "1.2.1")
        yield 0xFF00, image("Two", "1.2.2")

    ae.on_c_get = on_c_get
    stored: list[str] = []

    with started(ae) as port, asking(port, handlers=[(evt.EVT_C_STORE, keep(stored))]) as assoc:
        told = statuses(assoc.send_c_get(identifier(), GET))

    assert (told, stored) == ([0xFF00, 0xFF00, 0x0000], ["One", "Two"])
    assert calls[0][2]["parameters"] == {"message_id": 1, "priority": 2}


def keep(names: list[str], status: int = 0x0000) -> Callable[[evt.Event], int]:
    def handle(event: evt.Event) -> int:
        names.append(str(event.dataset.PatientName))
        return status

    return handle


def test_a_move_callback_yields_where_to_how_many_and_what(ae: Any, calls: Calls) -> None:
    stored: list[str] = []
    with archive(keep(stored)) as destination:

        def on_c_move(dataset: Dataset, move_aet: Any, context: Any, info: Any) -> Iterator[Any]:
            calls.append((dataset, move_aet, context, info))
            yield "127.0.0.1", destination
            yield 1
            yield 0xFF00, image("Moved")

        ae.on_c_move = on_c_move
        ae.add_requested_context(CTImageStorage)
        with started(ae) as port, asking(port) as assoc:
            told = statuses(assoc.send_c_move(identifier(), "DEST", MOVE))

    assert (told, stored) == ([0xFF00, 0x0000], ["Moved"])
    assert calls[0][1] == "DEST"


def test_a_callback_of_a_requestor_takes_what_it_gets(ae: Any, calls: Calls) -> None:
    def on_c_get(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        yield 1
        yield 0xFF00, image()

    ae.on_c_get = on_c_get
    asker: Any = AE("ASKER")
    asker.on_c_store = noting(calls, 0x0000)

    with started(ae) as port:
        assoc = associate_as(asker, port)
        told = statuses(assoc.send_c_get(identifier(), GET))
        assoc.release()

    [(_, _, info)] = calls
    assert told == [0xFF00, 0x0000]
    assert sorted(info) == ["acceptor", "parameters", "requestor"]
    assert info["parameters"] == {
        "message_id": 2,
        "priority": 2,
        "originator_aet": None,
        "original_message_id": None,
    }


def associate_as(asker: Any, port: int) -> Any:
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)
    for syntax in (CTImageStorage, GET):
        asker.add_requested_context(syntax, ImplicitVRLittleEndian)
    return asker.associate("127.0.0.1", port, ext_neg=[role])


ATTRIBUTES = identifier("Attributes")


@pytest.mark.parametrize(
    ("name", "answer", "ask", "parameters", "told"),
    [
        (
            "on_n_get",
            (0x0000, ATTRIBUTES),
            lambda assoc: assoc.send_n_get([0x00100010], BasicFilmSession, "1.2.3"),
            {"requested_sop_class_uid": BasicFilmSession, "requested_sop_instance_uid": "1.2.3"},
            (0x0000, "Attributes"),
        ),
        (
            "on_n_set",
            (0x0107, ATTRIBUTES),
            lambda assoc: assoc.send_n_set(identifier("Sent"), BasicFilmSession, "1.2.3"),
            {"requested_sop_class_uid": BasicFilmSession, "requested_sop_instance_uid": "1.2.3"},
            (0x0107, "Attributes"),
        ),
        (
            "on_n_action",
            (0x0000, ATTRIBUTES),
            lambda assoc: assoc.send_n_action(identifier("Sent"), 1, BasicFilmSession, "1.2.3"),
            {
                "requested_sop_class_uid": BasicFilmSession,
                "requested_sop_instance_uid": "1.2.3",
                "action_type_id": 1,
            },
            (0x0000, "Attributes"),
        ),
        (
            "on_n_create",
            (0x0000, ATTRIBUTES),
            lambda assoc: assoc.send_n_create(identifier("Sent"), BasicFilmSession, "1.2.3"),
            {"affected_sop_class_uid": BasicFilmSession, "affected_sop_instance_uid": "1.2.3"},
            (0x0000, "Attributes"),
        ),
        (
            "on_n_event_report",
            (0x0000, ATTRIBUTES),
            lambda assoc: assoc.send_n_event_report(
                identifier("Sent"), 2, StorageCommitmentPushModel, "1.2.3"
            ),
            {
                "affected_sop_class_uid": StorageCommitmentPushModel,
                "affected_sop_instance_uid": "1.2.3",
                "event_type_id": 2,
            },
            (0x0000, "Attributes"),
        ),
    ],
)
def test_a_callback_of_a_dimse_n_service_gives_a_status_and_a_data_set(
    ae: Any, calls: Calls, name: str, answer: Any, ask: Any, parameters: Any, told: Any
) -> None:
    setattr(ae, name, noting(calls, answer))

    with started(ae) as port, asking(port) as assoc:
        status, dataset = ask(assoc)

    [(given, context, info)] = calls
    assert (status.Status, str(dataset.PatientName)) == told
    assert info["parameters"] == {"message_id": 1, **parameters}
    assert given in ([0x00100010], identifier("Sent"))
    assert context.transfer_syntax == ImplicitVRLittleEndian


def test_a_delete_callback_gives_a_status(ae: Any, calls: Calls) -> None:
    ae.on_n_delete = noting(calls, 0x0112)

    with started(ae) as port, asking(port) as assoc:
        status = assoc.send_n_delete(BasicFilmSession, "1.2.3")

    [(context, info)] = calls
    assert status.Status == 0x0112
    assert context.abstract_syntax == BasicFilmSession
    assert info["parameters"]["requested_sop_instance_uid"] == "1.2.3"


# Cancelling.


@pytest.mark.parametrize("name", ["on_c_find_cancel", "on_c_get_cancel", "on_c_move_cancel"])
def test_a_cancel_callback_is_called_while_its_request_is_served(
    ae: Any, calls: Calls, name: str
) -> None:
    cancelled = threading.Event()
    others = {"on_c_find_cancel", "on_c_get_cancel", "on_c_move_cancel"} - {name}
    for other in others:
        setattr(ae, other, noting(calls))
    setattr(ae, name, cancelled.set)

    def on_c_find(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        yield from until_cancelled((0xFF00, identifier()))

    def on_c_get(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        yield 9999
        yield from until_cancelled((0xFF00, image()))

    def on_c_move(dataset: Dataset, to: Any, context: Any, info: Any) -> Iterator[Any]:
        yield "127.0.0.1", destination
        yield from on_c_get(dataset, context, info)

    def until_cancelled(result: Any) -> Iterator[Any]:
        for _ in range(9998):
            if cancelled.is_set():
                yield 0xFE00, None
                return
            yield result

    ae.on_c_find, ae.on_c_get, ae.on_c_move = on_c_find, on_c_get, on_c_move
    ae.add_requested_context(CTImageStorage)
    handlers = [(evt.EVT_C_STORE, lambda event: 0)]
    with archive() as destination, started(ae) as port, asking(port, handlers=handlers) as assoc:
        results = {
            "on_c_find_cancel": lambda: assoc.send_c_find(identifier(), FIND),
            "on_c_get_cancel": lambda: assoc.send_c_get(identifier(), GET),
            "on_c_move_cancel": lambda: assoc.send_c_move(identifier(), "DEST", MOVE),
        }[name]()
        first, _ = next(results)
        model = {"on_c_find_cancel": FIND, "on_c_get_cancel": GET}.get(name, MOVE)
        assoc.send_c_cancel(1, query_model=model)
        *_, last = statuses(results)

    assert (first.Status, last, calls) == (0xFF00, 0xFE00, [])


def test_a_callback_can_ask_whether_it_was_cancelled(ae: Any) -> None:
    def on_c_find(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        for _ in range(9999):
            if info["cancelled"](info["parameters"]["message_id"]):
                yield 0xFE00, None
                return
            yield 0xFF00, identifier()

    ae.on_c_find = on_c_find

    with started(ae) as port, asking(port) as assoc:
        results = assoc.send_c_find(identifier(), FIND)
        next(results)
        assoc.send_c_cancel(1, query_model=FIND)
        *_, last = statuses(results)

    assert last == 0xFE00


# What goes wrong: the statuses of 1.1.


def test_without_callbacks_the_statuses_are_those_of_1_1(ae: Any) -> None:
    with started(ae) as port, asking(port) as assoc:
        assert assoc.send_c_echo().Status == 0x0000
        assert assoc.send_c_store(image()).Status == 0xC211
        assert statuses(assoc.send_c_find(identifier(), FIND)) == [0xC311]
        assert statuses(assoc.send_c_get(identifier(), GET)) == [0xC411]
        assert statuses(assoc.send_c_move(identifier(), "DEST", MOVE)) == [0xC511]
        assert assoc.send_n_delete(BasicFilmSession, "1.2.3").Status == 0x0110


def test_a_callback_that_raises_fails_its_request_alone(ae: Any) -> None:
    def fail(*args: Any) -> None:
        raise ValueError("a mistake in the callback")

    for name in ("on_c_echo", "on_c_store", "on_c_find", "on_c_get", "on_c_move", "on_n_get"):
        setattr(ae, name, fail)

    with started(ae) as port, asking(port) as assoc:
        assert assoc.send_c_echo().Status == 0x0000
        assert assoc.send_c_store(image()).Status == 0xC211
        assert statuses(assoc.send_c_find(identifier(), FIND)) == [0xC311]
        assert statuses(assoc.send_c_get(identifier(), GET)) == [0xC411]
        assert statuses(assoc.send_c_move(identifier(), "DEST", MOVE)) == [0xC511]
        assert assoc.send_n_get([], BasicFilmSession, "1.2.3")[0].Status == 0x0110


@pytest.mark.parametrize(
    ("yields", "told"),
    [
        (["ten"], [0xC413]),
        ([], [0xC413]),
        ([0], [0x0000]),
        ([2, (0xFF00, image())], [0xFF00, 0x0000]),  # the second did not come
        ([1, (0xFF00, image()), (0xFF00, image())], [0xFF00, 0x0000]),  # nor is it sent
        ([1, (0xA701, None)], [0xA701]),
        ([2, (0xFF00, image()), (0xFE00, None)], [0xFF00, 0xFE00]),
        ([1, (Dataset(), None)], [0xC001]),
        ([1, ("all right", None)], [0xC002]),
    ],
)
def test_what_a_get_callback_yields_is_answered_as_in_1_1(
    ae: Any, yields: list[Any], told: list[int]
) -> None:
    ae.on_c_get = noting([], yields)

    with (
        started(ae) as port,
        asking(port, handlers=[(evt.EVT_C_STORE, lambda event: 0)]) as assoc,
    ):
        assert statuses(assoc.send_c_get(identifier(), GET)) == told


@pytest.mark.parametrize(
    ("yields", "told"),
    [
        ([], 0xC514),
        ([("127.0.0.1", 104)], 0xC514),
        ([(None, None), 1], 0xA801),
        ([("127.0.0.1", 1), 1], 0xA801),  # nobody listens there
        ([5, 1], 0xC515),
        ([("127.0.0.1", 104), "ten"], 0xC513),
    ],
)
def test_what_a_move_callback_yields_is_answered_as_in_1_1(
    ae: Any, yields: list[Any], told: int
) -> None:
    ae.on_c_move = noting([], yields)
    ae.add_requested_context(CTImageStorage)

    with started(ae) as port, asking(port) as assoc:
        assert statuses(assoc.send_c_move(identifier(), "DEST", MOVE)) == [told]


def test_a_generator_that_fails_before_it_says_how_many_is_answered_with_bad_number(
    ae: Any,
) -> None:
    def on_c_get(dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        raise ValueError("a mistake in the callback")
        yield 1

    ae.on_c_get = on_c_get

    with started(ae) as port, asking(port) as assoc:
        assert statuses(assoc.send_c_get(identifier(), GET)) == [0xC413]


def test_if_no_image_could_be_stored_the_final_status_is_a_warning(ae: Any) -> None:
    ae.on_c_get = noting([], [1, (0xFF00, image())])

    with (
        started(ae) as port,
        asking(port, handlers=[(evt.EVT_C_STORE, lambda event: 0xA700)]) as assoc,
    ):
        *_, (status, failed) = answers(assoc.send_c_get(identifier(), GET))

    assert status == 0xB000
    assert failed is not None
    assert failed.FailedSOPInstanceUIDList == "1.2.3.4"


@pytest.mark.parametrize(
    ("name", "ask", "told"),
    [
        (
            "on_c_store",
            lambda assoc: [assoc.send_c_store(image_in(DeflatedExplicitVRLittleEndian)).Status],
            0xC210,
        ),
        ("on_c_find", lambda assoc: statuses(assoc.send_c_find(identifier(), FIND)), 0xC310),
        ("on_c_get", lambda assoc: statuses(assoc.send_c_get(identifier(), GET)), 0xC410),
        (
            "on_c_move",
            lambda assoc: statuses(assoc.send_c_move(identifier(), "DEST", MOVE)),
            0xC510,
        ),
    ],
)
def test_what_cannot_be_decoded_is_refused_without_a_call(
    monkeypatch: pytest.MonkeyPatch, calls: Calls, name: str, ask: Any, told: int
) -> None:
    ae: Any = AE("OLD")
    for syntax in (CTImageStorage, FIND, GET, MOVE):
        ae.add_supported_context(syntax, DeflatedExplicitVRLittleEndian)
        ae.add_requested_context(syntax, DeflatedExplicitVRLittleEndian)
    setattr(ae, name, noting(calls))
    monkeypatch.setattr("pynetdicom.dsutils.encode", lambda *args: b"not deflated")

    with started(ae) as port:
        assoc = ae.associate("127.0.0.1", port)
        answer = ask(assoc)
        assoc.release()

    assert (answer, calls) == ([told], [])


def image_in(syntax: UID) -> Dataset:
    dataset = image()
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


# Negotiation.


def identity(kind: int = 2) -> UserIdentityNegotiation:
    item = UserIdentityNegotiation()
    item.user_identity_type, item.primary_field = kind, b"name"
    item.positive_response_requested = True
    if kind == 2:
        item.secondary_field = b"word"
    return item


def test_a_user_identity_callback_lets_in_and_keeps_out(ae: Any, calls: Calls) -> None:
    def on_user_identity(kind: int, first: bytes, second: bytes, info: Any) -> Any:
        calls.append((kind, first, second, info))
        return kind == 3, b"token"

    ae.on_user_identity = on_user_identity

    with started(ae) as port:
        refused = associate(port, items=[identity(2)])
        with asking(port, items=[identity(3)]) as assoc:
            answer = assoc.acceptor.user_identity

    assert refused.is_rejected
    refusal = refused.acceptor.primitive
    assert refusal is not None
    assert (refusal.result, refusal.result_source, refusal.diagnostic) == (2, 2, 1)
    assert answer is not None
    assert answer.server_response == b"token"
    assert calls[0][:3] == (2, b"name", b"word")
    assert list(calls[0][3]) == ["requestor"]
    assert calls[0][3]["requestor"]["ae_title"] == "ASKING"


def test_a_user_identity_callback_that_is_not_implemented_lets_everybody_in(ae: Any) -> None:
    def on_user_identity(*args: Any) -> Any:
        raise NotImplementedError

    ae.on_user_identity = on_user_identity

    with started(ae) as port, asking(port, items=[identity()]) as assoc:
        assert assoc.is_established


def test_callbacks_answer_extended_negotiation(ae: Any, calls: Calls) -> None:
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = 2
    window.maximum_number_operations_performed = 3
    extended = SOPClassExtendedNegotiation()
    extended.sop_class_uid, extended.service_class_application_information = FIND, b"\1"
    common = SOPClassCommonExtendedNegotiation()
    common.sop_class_uid, common.service_class_uid = CTImageStorage, UID("1.2.840.10008.4.2")
    ae.on_async_ops_window = noting(calls, (9, 9))
    ae.on_sop_class_extended = noting(calls, {FIND: b"\2"})
    ae.on_sop_class_common_extended = noting(calls, {CTImageStorage: common})
    infos: Calls = []
    ae.on_c_echo = noting(infos, 0x0000)

    with started(ae) as port, asking(port, items=[window, extended, common]) as assoc:
        assoc.send_c_echo()
        answered = assoc.acceptor

    assert answered.asynchronous_operations == (1, 1)
    assert answered.sop_class_extended == {FIND: b"\2"}
    assert calls[0] == ({FIND: b"\1"},)
    assert list(calls[1][0]) == [CTImageStorage]
    assert calls[2] == (2, 3)
    [(_, info)] = infos
    assert info["sop_class_extended"] == {FIND: b"\2"}
    assert info["sop_class_common_extended"] == {CTImageStorage: ("1.2.840.10008.4.2", [])}


# What becomes of associations.

ENDINGS = ("accepted", "rejected", "released", "aborted")


def note_endings(ae: Any, calls: Calls) -> None:
    for ending in ENDINGS:
        setattr(ae, f"on_association_{ending}", ending_noted(ending, calls))


def ending_noted(ending: str, calls: Calls) -> Callable[..., None]:
    def callback(primitive: A_ASSOCIATE | None = None) -> None:
        calls.append((ending, primitive and primitive.result))

    return callback


def test_the_association_callbacks_hear_what_a_peer_does(ae: Any, calls: Calls) -> None:
    note_endings(ae, calls)

    with started(ae) as port:
        associate(port).release()
        assert eventually(lambda: len(calls) == 2)
        associate(port).abort()
        assert eventually(lambda: len(calls) == 4)
        ae.require_called_aet = True
        associate(port, called="SOMEBODY")

    assert calls == [
        ("accepted", 0),
        ("released", None),
        ("accepted", 0),
        ("aborted", None),
        ("rejected", 1),
    ]


def test_the_association_callbacks_of_a_requestor_do_not_hear_its_own_release(
    ae: Any, calls: Calls
) -> None:
    asker: Any = AE("ASKER")
    asker.add_requested_context(Verification)
    note_endings(asker, calls)

    with started(ae) as port:
        asker.associate("127.0.0.1", port).release()
        asker.associate("127.0.0.1", port).abort()

    assert calls == [("accepted", 0), ("accepted", 0)]


def test_a_requestor_hears_that_its_peer_aborts(ae: Any, calls: Calls) -> None:
    asker: Any = AE("ASKER")
    asker.add_requested_context(Verification)
    note_endings(asker, calls)

    with started(ae) as port:
        assoc = asker.associate("127.0.0.1", port)
        ae.shutdown()
        assoc.join(10)

    assert calls == [("accepted", 0), ("aborted", None)]


def test_callbacks_hear_of_connections_and_requests(ae: Any, calls: Calls) -> None:
    ae.on_receive_connection = noting(calls)
    ae.on_make_connection = lambda: calls.append(("of an acceptor",))
    ae.on_association_requested = noting(calls)
    asker: Any = AE("ASKER")
    asker.add_requested_context(Verification)
    made: Calls = []
    asker.on_make_connection = noting(made)
    asker.on_receive_connection = lambda: made.append(("of a requestor",))

    with started(ae) as port:
        asker.associate("127.0.0.1", port).release()

    assert made == [()]
    [(), (requested,)] = calls
    assert (requested.calling_ae_title, requested.result) == ("ASKER", None)


# How they are set.


def test_methods_of_a_subclass_are_callbacks(calls: Calls) -> None:
    class Server(AE):
        def on_c_echo(self, context: Any, info: Any) -> int:
            calls.append((self, context, info))
            return 0x0122

    ae = offer(Server("OLD"))

    with started(ae) as port, asking(port) as assoc:
        status = assoc.send_c_echo()

    assert status.Status == 0x0122
    assert calls[0][0] is ae


def test_methods_that_a_subclass_inherits_from_elsewhere_are_callbacks() -> None:
    class Behaviour:
        def on_c_echo(self, context: Any, info: Any) -> int:
            return 0x0122

    class Server(Behaviour, AE):
        pass

    with started(offer(Server("OLD"))) as port, asking(port) as assoc:
        assert assoc.send_c_echo().Status == 0x0122


def test_a_callback_that_is_set_or_changed_while_serving_is_called(ae: Any) -> None:
    with started(ae) as port, asking(port) as assoc:
        ae.on_c_store = noting([], 0xA700)
        first = assoc.send_c_store(image())
        ae.on_c_store = noting([], 0xB000)
        second = assoc.send_c_store(image())

    assert (first.Status, second.Status) == (0xA700, 0xB000)


def test_a_handler_comes_before_a_callback(ae: Any, calls: Calls) -> None:
    ae.on_c_store = noting(calls, 0xA700)
    handlers = [(evt.EVT_C_STORE, lambda event: 0xB000)]
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)

    with asking(server.server_address[1]) as assoc:
        status = assoc.send_c_store(image())
        ae.on_c_store = noting(calls, 0xA700)
        again = assoc.send_c_store(image())
    server.shutdown()

    assert (status.Status, again.Status, calls) == (0xB000, 0xB000, [])


def test_a_modern_program_finds_no_callbacks() -> None:
    ae = AE()

    assert not hasattr(ae, "on_c_store")
    with pytest.raises(AttributeError, match="on_c_store"):
        ae.on_c_store  # noqa: B018  # reading it is what raises

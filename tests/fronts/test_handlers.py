"""`evt`: what an event shows of its request, and which handlers are bound."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.tag import Tag
from pydicom.uid import ImplicitVRLittleEndian

from pynetdicom import dsutils, evt
from pynetdicom.dimse_primitives import (
    C_ECHO,
    C_FIND,
    C_GET,
    C_MOVE,
    C_STORE,
    N_ACTION,
    N_CREATE,
    N_EVENT_REPORT,
    N_GET,
    N_SET,
    DIMSEPrimitive,
)
from pynetdicom.events import Handlers, InterventionEvent, NotificationEvent
from pynetdicom.presentation import PresentationContextTuple
from pynetdicom.sop_class import CTImageStorage
from pynetdicom.testing import build

CONTEXT = PresentationContextTuple(1, CTImageStorage, ImplicitVRLittleEndian)

PATIENT = Dataset()
PATIENT.PatientName = "Somebody"
ENCODED = dsutils.encode(PATIENT, True, True) or b""


class Listener:
    """As much of an association as events need."""

    def __init__(self) -> None:
        self._handlers = Handlers()
        self.cancelled = [7]

    def _notify(self, handler: evt.Handler, event: evt.Event, *args: Any) -> None:
        handler(event, *args)

    def _take_cancel(self, number: int) -> bool:
        is_cancelled = number in self.cancelled
        self.cancelled.clear()
        return is_cancelled


def about(request: DIMSEPrimitive) -> evt.Event:
    return evt.Event(Listener(), evt.EVT_C_ECHO, {"request": request, "context": CONTEXT})


# Kinds of events.


def test_there_are_two_kinds_of_events() -> None:
    told, asked = evt.EVT_RELEASED, evt.EVT_C_ECHO

    assert isinstance(told, NotificationEvent)
    assert (told.is_notification, told.is_intervention) == (True, False)
    assert isinstance(asked, InterventionEvent)
    assert (asked.is_notification, asked.is_intervention) == (False, True)
    assert (str(told), str(asked)) == ("EVT_RELEASED", "EVT_C_ECHO")
    assert tuple(told) == ("EVT_RELEASED", told.description, False, True)


def test_there_are_17_notifications_and_15_interventions() -> None:
    events = [value for name, value in vars(evt).items() if name.startswith("EVT_")]

    assert len([event for event in events if event.is_notification]) == 17
    assert len([event for event in events if event.is_intervention]) == 15
    assert all(event.description for event in events)
    assert [evt.notification(event.name) for event in events if event.is_notification] == [
        event for event in events if event.is_notification
    ]


# What an event shows.


@pytest.mark.parametrize(
    ("kind", "parameter", "name"),
    [
        (C_STORE, "DataSet", "dataset"),
        (C_FIND, "Identifier", "identifier"),
        (C_GET, "Identifier", "identifier"),
        (C_MOVE, "Identifier", "identifier"),
        (N_ACTION, "ActionInformation", "action_information"),
        (N_CREATE, "AttributeList", "attribute_list"),
        (N_EVENT_REPORT, "EventInformation", "event_information"),
        (N_SET, "ModificationList", "modification_list"),
    ],
)
def test_data_sets_are_decoded_once(kind: Callable[[], Any], parameter: str, name: str) -> None:
    event = about(build(kind, MessageID=1, **{parameter: BytesIO(ENCODED)}))

    first = getattr(event, name)

    assert first == PATIENT
    assert getattr(event, name) is first


@pytest.mark.parametrize("absent", [None, BytesIO()])
def test_an_absent_data_set_is_empty(absent: BytesIO | None) -> None:
    assert about(build(C_FIND, MessageID=1, Identifier=absent)).identifier == Dataset()


@pytest.mark.parametrize(
    ("request_", "name", "value"),
    [
        (build(C_ECHO, MessageID=3), "message_id", 3),
        (build(C_MOVE, MessageID=3, MoveDestination="THERE"), "move_destination", "THERE"),
        (build(N_ACTION, MessageID=3, ActionTypeID=5), "action_type", 5),
        (build(N_EVENT_REPORT, MessageID=3, EventTypeID=6), "event_type", 6),
        (build(N_GET, MessageID=3), "attribute_identifiers", []),
        (
            build(N_GET, MessageID=3, AttributeIdentifierList=[0x00100010]),
            "attribute_identifiers",
            [Tag(0x00100010)],
        ),
    ],
)
def test_parameters_of_a_request_have_names(
    request_: DIMSEPrimitive, name: str, value: Any
) -> None:
    assert getattr(about(request_), name) == value


@pytest.mark.parametrize(
    "name",
    [
        "action_information",
        "action_type",
        "attribute_identifiers",
        "attribute_list",
        "dataset",
        "dataset_path",
        "event_information",
        "event_type",
        "file_meta",
        "identifier",
        "modification_list",
        "move_destination",
    ],
)
def test_what_a_request_does_not_have_cannot_be_asked(name: str) -> None:
    with pytest.raises(AttributeError, match="The corresponding event has no"):
        getattr(about(build(C_ECHO, MessageID=1)), name)
    with pytest.raises(AttributeError):
        getattr(evt.Event(None, evt.EVT_RELEASED), name)


def test_an_event_that_is_no_request_has_no_message_id() -> None:
    event = evt.Event(None, evt.EVT_RELEASED)

    with pytest.raises(AttributeError, match="Message ID"):
        _ = event.message_id
    with pytest.raises(AttributeError):
        event.encoded_dataset()


def test_a_cancel_is_reported_once() -> None:
    event = about(build(C_FIND, MessageID=7))

    assert [event.is_cancelled, event.is_cancelled] == [True, False]


def test_a_name_that_an_event_has_cannot_be_given_again() -> None:
    with pytest.raises(AttributeError, match="already has an attribute 'assoc'"):
        evt.Event(None, evt.EVT_RELEASED, {"assoc": 1})


def test_the_bytes_of_an_instance_make_a_file() -> None:
    request = build(
        C_STORE,
        MessageID=1,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3",
        DataSet=BytesIO(ENCODED),
    )
    event = about(request)

    content = event.encoded_dataset()

    assert event.encoded_dataset(include_meta=False) == ENCODED
    file = dcmread(BytesIO(content))
    assert file == PATIENT
    assert file.file_meta == event.file_meta
    assert event.file_meta.MediaStorageSOPInstanceUID == "1.2.3"


def test_an_instance_without_bytes_is_nothing_but_its_file_meta_information() -> None:
    request = build(
        C_STORE,
        MessageID=1,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3",
    )

    assert about(request).encoded_dataset(include_meta=False) == b""


def test_a_path_is_shown_as_a_path(tmp_path: Path) -> None:
    request = build(C_STORE, MessageID=1)
    request._dataset_path = str(tmp_path)

    assert about(request).dataset_path == tmp_path


# Bindings.


def handle(event: evt.Event, *args: Any) -> Any:
    return event.event.name, args


def other(event: evt.Event) -> Any:
    return "other"


async def coroutine(event: evt.Event) -> None: ...


def test_defaults_are_bound_to_interventions_only() -> None:
    handlers = Handlers()

    assert all(event.is_intervention for event in handlers.get_events())
    assert [str(event) for event in handlers.get_events()] == sorted(
        str(event) for event in handlers.get_events()
    )
    assert len(handlers.get_events()) == 15
    assert handlers.get_handlers(evt.EVT_RELEASED) == []


def test_a_notification_is_told_in_the_order_of_binding() -> None:
    handlers = Handlers()
    handlers.bind_all([(evt.EVT_RELEASED, handle, [1]), (evt.EVT_RELEASED, other)])
    handlers.bind(evt.EVT_RELEASED, handle, [2])
    handlers.bind(evt.EVT_RELEASED, handle, [1])

    assert handlers.get_handlers(evt.EVT_RELEASED) == [(handle, [1]), (other, None), (handle, [2])]
    assert evt.EVT_RELEASED in handlers.get_events()


def test_unbinding_takes_all_bindings_of_a_handler() -> None:
    handlers = Handlers()
    handlers.bind_all([(evt.EVT_RELEASED, handle, [1]), (evt.EVT_RELEASED, handle, [2])])

    handlers.unbind(evt.EVT_RELEASED, other)
    handlers.unbind(evt.EVT_RELEASED, handle)

    assert handlers.get_handlers(evt.EVT_RELEASED) == []
    assert evt.EVT_RELEASED not in handlers.get_events()
    handlers.unbind(evt.EVT_RELEASED, handle)
    handlers.unbind(evt.EVT_ABORTED, handle)


def test_an_intervention_has_one_handler_and_gets_its_default_back() -> None:
    handlers = Handlers()
    default = (evt.get_default_handler(evt.EVT_C_ECHO), None)
    handlers.bind(evt.EVT_C_ECHO, handle)
    handlers.bind(evt.EVT_C_ECHO, other, ["x"])

    assert handlers.get_handlers(evt.EVT_C_ECHO) == (other, ["x"])
    handlers.unbind(evt.EVT_C_ECHO, handle)
    assert handlers.get_handlers(evt.EVT_C_ECHO) == (other, ["x"])
    handlers.unbind(evt.EVT_C_ECHO, other)
    assert handlers.get_handlers(evt.EVT_C_ECHO) == default


def test_a_copy_can_be_changed_on_its_own() -> None:
    handlers = Handlers(allows_coroutines=True)
    handlers.bind(evt.EVT_RELEASED, coroutine)

    twin = handlers.copy()
    twin.unbind(evt.EVT_RELEASED, coroutine)
    twin.bind(evt.EVT_C_ECHO, coroutine)

    assert handlers.get_handlers(evt.EVT_RELEASED) == [(coroutine, None)]
    assert handlers.get_handlers(evt.EVT_C_ECHO) != (coroutine, None)


def test_coroutine_functions_are_refused_where_nothing_can_await_them() -> None:
    handlers = Handlers()

    with pytest.raises(TypeError, match="EVT_C_ECHO: a blocking association cannot await"):
        handlers.bind(evt.EVT_C_ECHO, coroutine)
    with pytest.raises(TypeError, match=r"use pynetdicom\.asyncio"):
        handlers.bind_all([(evt.EVT_RELEASED, coroutine)])


# Triggering.


def test_an_intervention_returns_what_its_handler_does() -> None:
    listener = Listener()
    listener._handlers.bind(evt.EVT_C_FIND, handle, [1, 2])

    assert evt.trigger(listener, evt.EVT_C_FIND) == ("EVT_C_FIND", (1, 2))
    assert evt.trigger(listener, evt.EVT_C_ECHO) == 0x0000
    assert evt.trigger(listener, evt.EVT_SOP_COMMON, {"items": {}}) == {}


@pytest.mark.parametrize("event", [evt.EVT_C_STORE, evt.EVT_N_GET, evt.EVT_USER_ID])
def test_what_nobody_handles_is_not_implemented(event: InterventionEvent) -> None:
    with pytest.raises(NotImplementedError, match=f"No handler has been bound to '{event}'"):
        evt.trigger(Listener(), event)


def test_a_notification_returns_nothing_and_what_handlers_raise_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener = Listener()
    told: list[evt.Event] = []

    def fail(event: evt.Event) -> None:
        raise RuntimeError("not today")

    listener._handlers.bind(evt.EVT_RELEASED, fail)
    listener._handlers.bind(evt.EVT_RELEASED, told.append)

    assert evt.trigger(listener, evt.EVT_RELEASED) is None
    assert len(told) == 1
    assert "not today" in caplog.text

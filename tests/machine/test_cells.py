"""Every cell of PS3.8 Table 9-10, stepped through a real upper layer.

What an action does is transcribed from Tables 9-6 to 9-9 as one line each; a cell passes when the
core has sent, told, timed, closed and moved as that line says.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from machine.states import (
    ABORT,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
    WAYS,
    associate_ac,
    associate_rq,
    side_in,
)
from machine.test_table import book
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.exceptions import LocalProtocolError
from pynetdicom.fsm import Event, State
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import A_ABORT, A_RELEASE
from pynetdicom.testing import Side, acceptance, build, pdus_in, rejection, request

# action: PDU it sends, primitive it issues, ARTIM (on, off or left), closes?, next state.
ACTIONS = """
AE-1   -               -            left  no   Sta4
AE-2   A_ASSOCIATE_RQ  -            left  no   Sta5
AE-3   -               A_ASSOCIATE  left  no   Sta6
AE-4   -               A_ASSOCIATE  left  yes  Sta1
AE-5   -               -            on    no   Sta2
AE-6   -               A_ASSOCIATE  off   no   Sta3
AE-7   A_ASSOCIATE_AC  -            left  no   Sta6
AE-8   A_ASSOCIATE_RJ  -            on    no   Sta13
DT-1   P_DATA_TF       -            left  no   Sta6
DT-2   -               C_ECHO       left  no   Sta6
AR-1   A_RELEASE_RQ    -            left  no   Sta7
AR-2   -               A_RELEASE    left  no   Sta8
AR-3   -               A_RELEASE    left  yes  Sta1
AR-4   A_RELEASE_RP    -            on    no   Sta13
AR-5   -               -            off   no   Sta1
AR-6   -               C_ECHO       left  no   Sta7
AR-7   P_DATA_TF       -            left  no   Sta8
AR-8   -               A_RELEASE    left  no   Sta9|Sta10
AR-9   A_RELEASE_RP    -            left  no   Sta11
AR-10  -               A_RELEASE    left  no   Sta12
AA-1   A_ABORT_RQ/0    -            on    no   Sta13
AA-2   -               -            off   yes  Sta1
AA-3   -               A_ABORT      left  yes  Sta1
AA-4   -               A_P_ABORT    left  yes  Sta1
AA-5   -               -            off   no   Sta1
AA-6   -               -            left  no   Sta13
AA-7   A_ABORT_RQ/2    -            left  no   Sta13
AA-8   A_ABORT_RQ/2    A_P_ABORT    on    no   Sta13
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What can be seen of a step."""

    sent: str
    told: str
    artim: bool
    closes: bool
    state: str


def echo() -> C_ECHO:
    return build(C_ECHO, MessageID=7, AffectedSOPClassUID="1.2.840.10008.1.1")


HAPPENINGS: dict[Event, Callable[[Side], None]] = {
    Event.EVT1: lambda side: side.send(request()),
    Event.EVT2: lambda side: side.connect(),
    Event.EVT3: lambda side: side.receive(associate_ac()),
    Event.EVT4: lambda side: side.receive(A_ASSOCIATE_RJ().encode()),
    Event.EVT5: lambda side: side.connect(),
    Event.EVT6: lambda side: side.receive(associate_rq()),
    Event.EVT7: lambda side: side.send(acceptance(request())),
    Event.EVT8: lambda side: side.send(rejection()),
    Event.EVT9: lambda side: side.send(echo()),
    Event.EVT10: lambda side: side.receive(P_DATA),
    Event.EVT11: lambda side: side.send(A_RELEASE()),
    Event.EVT12: lambda side: side.receive(RELEASE_RQ),
    Event.EVT13: lambda side: side.receive(RELEASE_RP),
    Event.EVT14: lambda side: side.send(A_RELEASE("affirmative")),
    Event.EVT15: lambda side: side.send(A_ABORT(0)),
    Event.EVT16: lambda side: side.receive(ABORT),
    Event.EVT17: lambda side: side.receive_eof(),
    Event.EVT18: lambda side: side.expire(),
    Event.EVT19: lambda side: side.receive(b"\x09\0\0\0\0\0"),
}

# Only a requestor opens a connection, only an acceptor is told of one.
ONLY = {Event.EVT1: True, Event.EVT2: True, Event.EVT5: False}

LOCAL = {Event(f"Evt{number}") for number in (1, 2, 5, 7, 8, 9, 11, 14, 15)}

POSSIBLE = [
    (event, state, is_requestor)
    for event in Event
    for is_requestor, ways in WAYS.items()
    for state in ways
    if ONLY.get(event, is_requestor) is is_requestor
]
DEFINED = [cell for cell in POSSIBLE if cell[:2] in book()]
BLANK = [cell for cell in POSSIBLE if cell[:2] not in book()]


def expected(action: str, artim_before: bool, is_requestor: bool) -> Outcome:
    """Return what the line of an action says."""
    lines = (line.split() for line in ACTIONS.strip().splitlines())
    sent, told, artim, closes, state = next(rest for name, *rest in lines if name == action)
    runs = {"on": True, "off": False, "left": artim_before}[artim]
    states = state.split("|")
    return Outcome(sent, told, runs, closes == "yes", states[0 if is_requestor else -1])


def seen(side: Side) -> Outcome:
    """Return what can be seen of a side since it was last looked at."""
    pdus = pdus_in(side.take_bytes())
    names = [
        f"A_ABORT_RQ/{pdu.source}" if pdu.pdu_type == 7 else type(pdu).__name__ for pdu in pdus
    ]
    told = [type(event).__name__ for event in side.take_events()]
    core = side.core
    return Outcome(
        " ".join(names) or "-",
        " ".join(told) or "-",
        core.artim_running,
        core.close_wanted,
        core.state,
    )


def test_all_123_cells_are_stepped() -> None:
    assert {cell[:2] for cell in DEFINED} == set(book())


@pytest.mark.parametrize(("event", "state", "is_requestor"), DEFINED)
def test_a_cell_does_what_its_action_says(event: Event, state: State, is_requestor: bool) -> None:
    side = side_in(state, is_requestor=is_requestor)
    should = expected(book()[event, state], side.core.artim_running, is_requestor)

    HAPPENINGS[event](side)

    assert seen(side) == should


@pytest.mark.parametrize(
    ("event", "state", "is_requestor"), [cell for cell in BLANK if cell[0] in LOCAL]
)
def test_what_the_user_may_not_ask_for_is_refused_and_changes_nothing(
    event: Event, state: State, is_requestor: bool
) -> None:
    side = side_in(state, is_requestor=is_requestor)
    before = seen(side)

    with pytest.raises(LocalProtocolError, match=f"{event} is not possible in {state}"):
        HAPPENINGS[event](side)

    assert seen(side) == before


@pytest.mark.parametrize(
    ("event", "state", "is_requestor"), [cell for cell in BLANK if cell[0] not in LOCAL]
)
def test_what_cannot_come_in_a_state_is_ignored(
    event: Event, state: State, is_requestor: bool
) -> None:
    side = side_in(state, is_requestor=is_requestor)
    before = seen(side)

    HAPPENINGS[event](side)

    assert seen(side) == before


def test_an_unknown_protocol_version_is_rejected_by_the_service_provider() -> None:
    side = side_in(State.STA2, is_requestor=False)
    proposal = bytearray(associate_rq())
    proposal[6:8] = b"\x00\x02"  # bit 0, the only one that is tested, is not set

    side.receive(bytes(proposal))

    assert pdus_in(side.take_bytes()) == [
        build(A_ASSOCIATE_RJ, result=1, source=2, reason_diagnostic=2)
    ]
    side.assert_waits_for_close()
    assert side.events == []


def test_further_bits_of_the_protocol_version_are_not_tested() -> None:
    side = side_in(State.STA2, is_requestor=False)
    proposal = bytearray(associate_rq())
    proposal[6:8] = b"\xff\xff"

    side.receive(bytes(proposal))

    assert side.core.state is State.STA3

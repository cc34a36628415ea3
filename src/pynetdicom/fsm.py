"""The state machine of the upper layer as a table (PS3.8 9.2, Table 9-10).

Nothing here acts: `TRANSITIONS` says which action an event causes in a state, and `UpperLayer` has
one method for each action. The grid below is Table 9-10 turned on its side: states are columns,
events are rows, so that it can be held against the book.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pynetdicom.exceptions import InvalidEventError as InvalidEventError


class State(StrEnum):
    """The thirteen states of an association (PS3.8 Tables 9-1 to 9-5)."""

    STA1 = "Sta1"  # idle
    STA2 = "Sta2"  # transport connection open, awaiting A-ASSOCIATE-RQ
    STA3 = "Sta3"  # awaiting the local A-ASSOCIATE response
    STA4 = "Sta4"  # awaiting the transport connection
    STA5 = "Sta5"  # awaiting A-ASSOCIATE-AC or -RJ
    STA6 = "Sta6"  # established, ready for data
    STA7 = "Sta7"  # awaiting A-RELEASE-RP
    STA8 = "Sta8"  # awaiting the local A-RELEASE response
    STA9 = "Sta9"  # release collision, requestor: awaiting the local A-RELEASE response
    STA10 = "Sta10"  # release collision, acceptor: awaiting A-RELEASE-RP
    STA11 = "Sta11"  # release collision, requestor: awaiting A-RELEASE-RP
    STA12 = "Sta12"  # release collision, acceptor: awaiting the local A-RELEASE response
    STA13 = "Sta13"  # awaiting the close of the transport connection


class Event(StrEnum):
    """What can happen to an association (PS3.8 Table 9-10, first column)."""

    EVT1 = "Evt1"  # A-ASSOCIATE request primitive
    EVT2 = "Evt2"  # transport connection confirmed
    EVT3 = "Evt3"  # A-ASSOCIATE-AC PDU received
    EVT4 = "Evt4"  # A-ASSOCIATE-RJ PDU received
    EVT5 = "Evt5"  # transport connection indicated
    EVT6 = "Evt6"  # A-ASSOCIATE-RQ PDU received
    EVT7 = "Evt7"  # A-ASSOCIATE response primitive, accept
    EVT8 = "Evt8"  # A-ASSOCIATE response primitive, reject
    EVT9 = "Evt9"  # P-DATA request primitive
    EVT10 = "Evt10"  # P-DATA-TF PDU received
    EVT11 = "Evt11"  # A-RELEASE request primitive
    EVT12 = "Evt12"  # A-RELEASE-RQ PDU received
    EVT13 = "Evt13"  # A-RELEASE-RP PDU received
    EVT14 = "Evt14"  # A-RELEASE response primitive
    EVT15 = "Evt15"  # A-ABORT request primitive
    EVT16 = "Evt16"  # A-ABORT PDU received
    EVT17 = "Evt17"  # transport connection closed
    EVT18 = "Evt18"  # ARTIM timer expired
    EVT19 = "Evt19"  # unrecognized or invalid PDU received


# The event of a PDU of each type (PS3.8 Table 9-10).
PDU_EVENTS: Final[dict[int, Event]] = {
    0x01: Event.EVT6,
    0x02: Event.EVT3,
    0x03: Event.EVT4,
    0x04: Event.EVT10,
    0x05: Event.EVT12,
    0x06: Event.EVT13,
    0x07: Event.EVT16,
}


class Action(StrEnum):
    """What is done about it (PS3.8 Tables 9-6 to 9-9)."""

    AE_1 = "AE-1"  # issue TRANSPORT CONNECT request
    AE_2 = "AE-2"  # send A-ASSOCIATE-RQ
    AE_3 = "AE-3"  # issue A-ASSOCIATE confirmation (accept)
    AE_4 = "AE-4"  # issue A-ASSOCIATE confirmation (reject), close transport connection
    AE_5 = "AE-5"  # issue transport connection response, start ARTIM
    AE_6 = "AE-6"  # stop ARTIM; issue A-ASSOCIATE indication, or send A-ASSOCIATE-RJ, start ARTIM
    AE_7 = "AE-7"  # send A-ASSOCIATE-AC
    AE_8 = "AE-8"  # send A-ASSOCIATE-RJ, start ARTIM
    DT_1 = "DT-1"  # send P-DATA-TF
    DT_2 = "DT-2"  # issue P-DATA indication
    AR_1 = "AR-1"  # send A-RELEASE-RQ
    AR_2 = "AR-2"  # issue A-RELEASE indication
    AR_3 = "AR-3"  # issue A-RELEASE confirmation, close transport connection
    AR_4 = "AR-4"  # send A-RELEASE-RP, start ARTIM
    AR_5 = "AR-5"  # stop ARTIM
    AR_6 = "AR-6"  # issue P-DATA indication
    AR_7 = "AR-7"  # send P-DATA-TF
    AR_8 = "AR-8"  # issue A-RELEASE indication (collision)
    AR_9 = "AR-9"  # send A-RELEASE-RP
    AR_10 = "AR-10"  # issue A-RELEASE confirmation
    AA_1 = "AA-1"  # send A-ABORT (service user), start ARTIM
    AA_2 = "AA-2"  # stop ARTIM, close transport connection
    AA_3 = "AA-3"  # issue A-ABORT or A-P-ABORT indication, close transport connection
    AA_4 = "AA-4"  # issue A-P-ABORT indication
    AA_5 = "AA-5"  # stop ARTIM
    AA_6 = "AA-6"  # ignore the PDU
    AA_7 = "AA-7"  # send A-ABORT
    AA_8 = "AA-8"  # send A-ABORT (service provider), issue A-P-ABORT indication, start ARTIM


# Columns are Sta1 to Sta13.
_TABLE_9_10 = """
Evt1   AE-1  -     -     -     -     -     -     -     -     -     -     -     -
Evt2   -     -     -     AE-2  -     -     -     -     -     -     -     -     -
Evt3   -     AA-1  AA-8  -     AE-3  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
Evt4   -     AA-1  AA-8  -     AE-4  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
Evt5   AE-5  -     -     -     -     -     -     -     -     -     -     -     -
Evt6   -     AE-6  AA-8  -     AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-7
Evt7   -     -     AE-7  -     -     -     -     -     -     -     -     -     -
Evt8   -     -     AE-8  -     -     -     -     -     -     -     -     -     -
Evt9   -     -     -     -     -     DT-1  -     AR-7  -     -     -     -     -
Evt10  -     AA-1  AA-8  -     AA-8  DT-2  AR-6  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
Evt11  -     -     -     -     -     AR-1  -     -     -     -     -     -     -
Evt12  -     AA-1  AA-8  -     AA-8  AR-2  AR-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
Evt13  -     AA-1  AA-8  -     AA-8  AA-8  AR-3  AA-8  AA-8  AR-10 AR-3  AA-8  AA-6
Evt14  -     -     -     -     -     -     -     AR-4  AR-9  -     -     AR-4  -
Evt15  -     -     AA-1  AA-2  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  -
Evt16  -     AA-2  AA-3  -     AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-2
Evt17  -     AA-5  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AR-5
Evt18  -     AA-2  -     -     -     -     -     -     -     -     -     -     AA-2
Evt19  -     AA-1  AA-8  -     AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-7
"""

# Where an action leads (PS3.8 Tables 9-6 to 9-9). AE-6 leads to Sta13 when it rejects, AR-8 to
# Sta10 on the acceptor's side.
NEXT_STATE: dict[Action, State] = {
    Action.AE_1: State.STA4,
    Action.AE_2: State.STA5,
    Action.AE_3: State.STA6,
    Action.AE_4: State.STA1,
    Action.AE_5: State.STA2,
    Action.AE_6: State.STA3,
    Action.AE_7: State.STA6,
    Action.AE_8: State.STA13,
    Action.DT_1: State.STA6,
    Action.DT_2: State.STA6,
    Action.AR_1: State.STA7,
    Action.AR_2: State.STA8,
    Action.AR_3: State.STA1,
    Action.AR_4: State.STA13,
    Action.AR_5: State.STA1,
    Action.AR_6: State.STA7,
    Action.AR_7: State.STA8,
    Action.AR_8: State.STA9,
    Action.AR_9: State.STA11,
    Action.AR_10: State.STA12,
    Action.AA_1: State.STA13,
    Action.AA_2: State.STA1,
    Action.AA_3: State.STA1,
    Action.AA_4: State.STA1,
    Action.AA_5: State.STA1,
    Action.AA_6: State.STA13,
    Action.AA_7: State.STA13,
    Action.AA_8: State.STA13,
}


def _read(table: str) -> dict[tuple[Event, State], Action]:
    transitions = {}
    for row in table.strip().splitlines():
        event, *cells = row.split()
        for state, cell in zip(State, cells, strict=True):
            if cell != "-":
                transitions[Event(event), state] = Action(cell)
    return transitions


TRANSITIONS: dict[tuple[Event, State], Action] = _read(_TABLE_9_10)

# The same under the names of pynetdicom 3, to be asked with plain strings: what is done about
# TRANSITION_TABLE["Evt9", "Sta6"]?
STATES: Mapping[str, State] = {state.value: state for state in State}
EVENTS: Mapping[str, Event] = {event.value: event for event in Event}
ACTIONS: Mapping[str, Action] = {action.value: action for action in Action}
TRANSITION_TABLE: Mapping[tuple[str, str], Action] = {
    (event.value, state.value): action for (event, state), action in TRANSITIONS.items()
}

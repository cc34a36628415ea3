"""How an association gets into each of its states, by nothing but what can really happen to it."""

from collections.abc import Callable

from pynetdicom.fsm import State
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_AC, A_ASSOCIATE_RQ, A_RELEASE_RP, A_RELEASE_RQ
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_RELEASE
from pynetdicom.testing import Side, acceptance, request

RELEASE_RQ = A_RELEASE_RQ().encode()
RELEASE_RP = A_RELEASE_RP().encode()
ABORT = A_ABORT_RQ().encode()

# C-ECHO-RQ, message ID 7, in one fragment of context 1.
ECHO_COMMAND = (
    b"\0\0\0\0\x04\0\0\0\x38\0\0\0"  # command group length
    b"\0\0\x02\0\x12\0\0\x001.2.840.10008.1.1\0"  # affected SOP class UID
    b"\0\0\0\x01\x02\0\0\0\x30\0"  # command field
    b"\0\0\x10\x01\x02\0\0\0\x07\0"  # message ID
    b"\0\0\0\x08\x02\0\0\0\x01\x01"  # command data set type: none
)
P_DATA = (
    b"\x04\0"  # PDU type
    b"\0\0\0\x4a"  # PDU length
    b"\0\0\0\x46"  # PDV length
    b"\x01"  # context ID
    b"\x03"  # message control header: command, last
) + ECHO_COMMAND


def associate_rq(proposed: A_ASSOCIATE | None = None) -> bytes:
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(proposed or request())
    return pdu.encode()


def associate_ac() -> bytes:
    pdu = A_ASSOCIATE_AC()
    pdu.from_primitive(acceptance(request()))
    return pdu.encode()


def sta1(*, is_requestor: bool = True) -> Side:
    return Side(is_requestor=is_requestor)


def sta2() -> Side:
    side = sta1(is_requestor=False)
    side.connect()
    return side


def sta3() -> Side:
    side = sta2()
    side.receive(associate_rq())
    return side


def sta4() -> Side:
    side = sta1()
    side.send(request())
    return side


def sta5() -> Side:
    side = sta4()
    side.connect()
    return side


def sta6(*, is_requestor: bool = True) -> Side:
    if is_requestor:
        side = sta5()
        side.receive(associate_ac())
    else:
        side = sta3()
        side.send(acceptance(request()))
    return side


def sta7(*, is_requestor: bool = True) -> Side:
    side = sta6(is_requestor=is_requestor)
    side.send(A_RELEASE())
    return side


def sta8(*, is_requestor: bool = True) -> Side:
    side = sta6(is_requestor=is_requestor)
    side.receive(RELEASE_RQ)
    return side


def sta9() -> Side:
    side = sta7()
    side.receive(RELEASE_RQ)
    return side


def sta10() -> Side:
    side = sta7(is_requestor=False)
    side.receive(RELEASE_RQ)
    return side


def sta11() -> Side:
    side = sta9()
    side.send(A_RELEASE("affirmative"))
    return side


def sta12() -> Side:
    side = sta10()
    side.receive(RELEASE_RP)
    return side


def sta13(*, is_requestor: bool = True) -> Side:
    side = sta6(is_requestor=is_requestor)
    side.send(A_ABORT(0))
    return side


Way = Callable[[], Side]

AS_REQUESTOR: dict[State, Way] = {
    State.STA1: sta1,
    State.STA4: sta4,
    State.STA5: sta5,
    State.STA6: sta6,
    State.STA7: sta7,
    State.STA8: sta8,
    State.STA9: sta9,
    State.STA11: sta11,
    State.STA13: sta13,
}
AS_ACCEPTOR: dict[State, Way] = {
    State.STA1: lambda: sta1(is_requestor=False),
    State.STA2: sta2,
    State.STA3: sta3,
    State.STA6: lambda: sta6(is_requestor=False),
    State.STA7: lambda: sta7(is_requestor=False),
    State.STA8: lambda: sta8(is_requestor=False),
    State.STA10: sta10,
    State.STA12: sta12,
    State.STA13: lambda: sta13(is_requestor=False),
}
WAYS = {True: AS_REQUESTOR, False: AS_ACCEPTOR}


def side_in(state: State, *, is_requestor: bool) -> Side:
    """Return a side in `state`, with nothing left to take from it."""
    side = WAYS[is_requestor][state]()
    side.take_bytes()
    side.take_events()
    return side

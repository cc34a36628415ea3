"""An SCU of any service, written against the documented interface of pynetdicom 3.

It runs in the peer's own virtual environment, in a process of its own:
`pynetdicom_asks.py PORT < script`. What it reads and prints is described in `peer_scripts.py`.
"""

import json
import socket
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any

from pydicom.dataset import Dataset

from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association

# 3.0.4 was seen, about once in 3,000 messages, to read a response that came within a millisecond
# and then to wait for it until its time was up. So a question without an answer is asked again.
TRIES = 3
SECONDS_TO_WAIT = 3

OUT_OF_RESOURCES = 0xA700

# What each operation's method takes.
ARGUMENTS = {
    "C-FIND": "dataset class message_id",
    "C-GET": "dataset class message_id",
    "C-MOVE": "dataset destination class message_id",
    "N-EVENT-REPORT": "dataset number class instance message_id meta",
    "N-GET": "tags class instance message_id meta",
    "N-SET": "dataset class instance message_id meta",
    "N-ACTION": "dataset number class instance message_id meta",
    "N-CREATE": "dataset class instance message_id meta",
    "N-DELETE": "class instance message_id meta",
}


def main(port: str) -> None:
    script = json.load(sys.stdin)
    peer = Peer(int(port), script)
    for number, request in enumerate(script["requests"]):
        for status, data_set in peer.ask(request):
            instance = peer.instance if request["operation"].startswith("N-") else None
            say(request=number, instance=instance, **told(status), dataset=as_json(data_set))
    peer.reports.wait(script["wait"])
    peer.association.release()


class Peer:
    """The SCP, over one association as long as that lasts."""

    def __init__(self, port: int, script: dict[str, Any]) -> None:
        self.port, self.script = port, script
        self.reports = Reports(script["reports"])
        self.instance: str | None = None
        self.association = self.associate()

    def associate(self) -> Association:
        entity = AE(self.script["title"])
        entity.dimse_timeout = SECONDS_TO_WAIT
        association = entity.associate(
            "127.0.0.1",
            self.port,
            ae_title=self.script["called"],
            contexts=[build_context(*context) for context in self.script["contexts"]],
            ext_neg=[build_role(uid, *roles) for uid, *roles in self.script["roles"]],
            evt_handlers=[
                (evt.EVT_CONN_OPEN, send_at_once),
                (evt.EVT_DIMSE_RECV, self.hear),
                (evt.EVT_C_STORE, store, [self.script["refuses"]]),
                (evt.EVT_N_EVENT_REPORT, self.reports.report),
            ],
        )
        if not association.is_established:
            raise SystemExit("no association")
        return association

    def ask(self, request: dict[str, Any]) -> list[Any]:
        for _ in range(TRIES):
            if not self.association.is_established:
                self.association = self.associate()
            replies = replies_to(self.association, request)
            if "Status" in replies[-1][0]:
                return replies
        raise SystemExit("no answer")

    def hear(self, event: evt.Event) -> None:
        self.instance = event.message.command_set.get("AffectedSOPInstanceUID")


class Reports:
    """Answers N-EVENT-REPORT, and counts down."""

    def __init__(self, expected: int) -> None:
        self.events = deque(Event() for _ in range(expected))
        self.all = list(self.events)

    def wait(self, seconds: float) -> None:
        for event in self.all:
            event.wait(seconds)

    def report(self, event: evt.Event) -> tuple[int, None]:
        request = event.request
        say(
            report=event.event_type,
            instance=request.AffectedSOPInstanceUID,
            dataset=as_json(event.event_information),
        )
        if self.events:
            self.events.popleft().set()
        return 0x0000, None


def replies_to(association: Association, request: dict[str, Any]) -> list[Any]:
    operation = request["operation"]
    values = {**request, "dataset": from_json(request["dataset"])}
    send: Any = getattr(association, f"send_{operation.lower().replace('-', '_')}")
    reply: Any = send(*[values[name] for name in ARGUMENTS[operation].split()])
    if operation.startswith("C-"):
        return list(cancelled(reply, association, request))
    return [reply if isinstance(reply, tuple) else (reply, None)]


def cancelled(replies: Iterable[Any], association: Association, request: Any) -> Iterator[Any]:
    for number, reply in enumerate(replies, 1):
        yield reply
        if number == request["cancel_after"]:
            association.send_c_cancel(request["message_id"], query_model=request["class"])


def store(event: evt.Event, refused: list[str]) -> int:
    if event.request.AffectedSOPInstanceUID in refused:
        return OUT_OF_RESOURCES
    say(stored=as_json(event.dataset))
    return 0x0000


def told(status: Dataset) -> dict[str, Any]:
    return {"status": status.Status, "details": as_json(status)}


def as_json(data_set: Dataset | None) -> Any:
    return data_set.to_json_dict() if data_set else None


def from_json(data_set: Any) -> Dataset | None:
    return None if data_set is None else Dataset.from_json(data_set)


def say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def send_at_once(event: evt.Event) -> None:
    # Else each message costs 40 ms: this version writes it in two pieces and Nagle holds the last.
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])

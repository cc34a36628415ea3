"""An SCP of any service, written against the documented interface of pynetdicom 3.

It runs in the peer's own virtual environment, in a process of its own:
`pynetdicom_answers.py PORT SCRIPT HEARD`. The files are described in `peer_scripts.py`.
"""

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

from pynetdicom import AE, build_context, evt

EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
PENDING = 0xFF00
CANCELLED = 0xFE00
# An endless answer ends here, should nobody stop it.
LIMIT = 20_000
PAUSE = 0.001


def main(port: str, script: str, heard: str) -> None:
    clerk = Clerk(json.loads(Path(script).read_text()), Path(heard))
    entity = AE(clerk.script["title"])
    for abstract_syntax, syntaxes, *roles in clerk.script["contexts"]:
        entity.add_supported_context(abstract_syntax, syntaxes, *(roles or (None, None)))
    entity.start_server(("127.0.0.1", int(port)), evt_handlers=clerk.handlers())


class Clerk:
    """Notes every request and gives the answers of the script."""

    def __init__(self, script: dict[str, Any], heard: Path) -> None:
        self.script, self.heard = script, heard

    def handlers(self) -> list[Any]:
        return [
            (evt.EVT_CONN_OPEN, send_at_once),
            (evt.EVT_C_FIND, self.find),
            (evt.EVT_C_GET, self.get),
            (evt.EVT_C_MOVE, self.move),
            (evt.EVT_N_EVENT_REPORT, self.event_report),
            (evt.EVT_N_GET, self.n_get),
            (evt.EVT_N_SET, self.n_set),
            (evt.EVT_N_ACTION, self.action),
            (evt.EVT_N_CREATE, self.create),
            (evt.EVT_N_DELETE, self.delete),
        ]

    def find(self, event: evt.Event) -> Iterator[Any]:
        request = event.request
        self.hear("C-FIND", request.AffectedSOPClassUID, None, dataset=event.identifier)
        for status, details, data_set in self.matches(request.AffectedSOPClassUID):
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield status_of(status, details), from_json(data_set)

    def matches(self, class_uid: str) -> Iterator[Any]:
        found: list[Any] = self.script["answers"][f"C-FIND {class_uid}"]
        if not (found and self.script["is_endless"]):
            yield from found
            return
        for _ in range(LIMIT // len(found)):
            yield from found
            # Its upper layer reads when nothing waits to be sent: let it hear a C-CANCEL.
            sleep(PAUSE)

    def get(self, event: evt.Event) -> Iterator[Any]:
        request = event.request
        self.hear("C-GET", request.AffectedSOPClassUID, None, dataset=event.identifier)
        yield from self.instances(event)

    def move(self, event: evt.Event) -> Iterator[Any]:
        request = event.request
        self.hear("C-MOVE", request.AffectedSOPClassUID, None, dataset=event.identifier)
        port = self.script["destinations"].get(event.move_destination)
        if port is None:
            yield None, None
            return
        classes = self.script["storage"]
        contexts = [build_context(uid, EXPLICIT_LITTLE_ENDIAN) for uid in classes]
        yield "127.0.0.1", port, {"contexts": contexts}
        yield from self.instances(event)

    def instances(self, event: evt.Event) -> Iterator[Any]:
        paths = self.script["instances"]
        yield len(paths)
        for path in paths:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield PENDING, dcmread(path)

    def event_report(self, event: evt.Event) -> Any:
        request, information = event.request, event.event_information
        uids = request.AffectedSOPClassUID, request.AffectedSOPInstanceUID
        return self.answer("N-EVENT-REPORT", *uids, number=event.event_type, dataset=information)

    def n_get(self, event: evt.Event) -> Any:
        request = event.request
        tags = [int(tag) for tag in event.attribute_identifiers]
        uids = request.RequestedSOPClassUID, request.RequestedSOPInstanceUID
        return self.answer("N-GET", *uids, tags=tags)

    def n_set(self, event: evt.Event) -> Any:
        request = event.request
        uids = request.RequestedSOPClassUID, request.RequestedSOPInstanceUID
        return self.answer("N-SET", *uids, dataset=event.modification_list)

    def action(self, event: evt.Event) -> Any:
        request, information = event.request, event.action_information
        uids = request.RequestedSOPClassUID, request.RequestedSOPInstanceUID
        if str(event.action_type) in self.script["reports"]:
            report = self.script["reports"][str(event.action_type)]
            Thread(target=self.report, args=(event.assoc, *uids, *report)).start()
        return self.answer("N-ACTION", *uids, number=event.action_type, dataset=information)

    def report(self, association: Any, class_uid: str, instance: str, *report: Any) -> None:
        number, data_set = report
        information = from_json(data_set)
        status, _ = association.send_n_event_report(information, number, class_uid, instance)
        self.note(operation="reported", status=status.get("Status"))

    def create(self, event: evt.Event) -> Any:
        request = event.request
        uids = request.AffectedSOPClassUID, request.AffectedSOPInstanceUID
        return self.answer("N-CREATE", *uids, dataset=event.attribute_list)

    def delete(self, event: evt.Event) -> Any:
        request = event.request
        uids = request.RequestedSOPClassUID, request.RequestedSOPInstanceUID
        status, _ = self.answer("N-DELETE", *uids)
        return status

    def answer(self, operation: str, class_uid: str, instance: str | None, **rest: Any) -> Any:
        self.hear(operation, class_uid, instance, **rest)
        key = f"{operation} {class_uid} {instance} {rest.get('number')}"
        status, details, data_set = self.script["answers"][key]
        return status_of(status, details), from_json(data_set)

    def hear(self, operation: str, class_uid: str, instance: str | None, **rest: Any) -> None:
        data_set = rest.pop("dataset", None)
        values = {"number": None, "tags": None, **rest}
        values |= {"operation": operation, "class": class_uid, "instance": instance}
        self.note(**values, dataset=data_set.to_json_dict() if data_set else None)

    def note(self, **values: Any) -> None:
        with self.heard.open("a") as heard:
            heard.write(json.dumps(values) + "\n")


def status_of(status: int, details: Any) -> Dataset:
    told = Dataset.from_json(details)
    told.Status = status
    return told


def from_json(data_set: Any) -> Dataset | None:
    return None if data_set is None else Dataset.from_json(data_set)


def send_at_once(event: evt.Event) -> None:
    # Else each message costs 40 ms: this version writes it in two pieces and Nagle holds the last.
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])

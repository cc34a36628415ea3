"""A program for pynetdicom 1.1 that shows all it is told: run as its "scp" or "scu", with a port.

It is run by the original and by ours, which must not differ: see `test_pynetdicom1`. What the
identifier of a query or retrieval is called says what its callback yields.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import pydicom.dataset
from pydicom.dataset import Dataset

from pynetdicom import AE, QueryRetrievePresentationContexts, StoragePresentationContexts
from pynetdicom.pdu_primitives import (
    SCP_SCU_RoleSelectionNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # the names of 1.1
    CTImageStorage,
    DisplaySystemSOPClass,
    VerificationSOPClass,
)

PIXELS = bytes(range(256)) * 256
MOVER = b"MOVER           "


def shown(value: Any) -> str:
    """Return a value in words that do not depend on the release of pydicom."""
    if isinstance(value, Dataset):
        return "; ".join(f"{e.tag.group:04x},{e.tag.element:04x} {shown(e.value)}" for e in value)
    if isinstance(value, dict):
        pairs = [(str(key), shown(value[key])) for key in value if key != "cancelled"]
        return "{" + ", ".join(f"{key}: {text}" for key, text in sorted(pairs)) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, bytes) and len(value) > 64:
        return f"{len(value)} bytes"
    if isinstance(value, (bytes, int)) or value is None:
        return repr(value)
    names = ("calling_ae_title", "called_ae_title", "result", "diagnostic")
    attributes = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return shown(attributes) if attributes else str(value)


def tell(*values: Any) -> None:
    """Print a line."""
    sys.stdout.write(" ".join(["TOLD", *map(shown, values)]) + "\n")
    sys.stdout.flush()


def identifier(name: str) -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "PATIENT"
    dataset.PatientName = name
    return dataset


def image(number: int, name: str = "Old^Program") -> Any:
    dataset: Any = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"1.2.3.{number}"
    dataset.PatientName = name
    dataset.BitsAllocated, dataset.PixelRepresentation = 16, 0
    dataset.PixelData = PIXELS
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = pydicom.dataset.__dict__.get("FileMetaDataset", Dataset)()  # not in 1
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    dataset.is_little_endian = dataset.is_implicit_VR = True
    return dataset


# Being asked.


def listed(uid: str) -> Dataset:
    dataset = Dataset()
    dataset.FailedSOPInstanceUIDList = [uid]
    return dataset


MATCH = (0xFF00, identifier("Match"))
ONE, TWO = (0xFF00, image(1)), (0xFF00, image(2))


def failing() -> Any:
    raise ValueError("a mistake in the callback")


def explained() -> Dataset:
    status = Dataset()
    status.Status, status.ErrorComment = 0xA701, "explained"
    return status


STATUSES: Any = {
    "success": 0x0000,
    "warning": 0xB000,
    "failure": 0xA700,
    "unknown": 0xFFF0,
    "text": "all right",
    "nothing": None,
    "explained": explained(),
    "empty": Dataset(),
}
FOUND: Any = {
    "none": [],
    "two": [MATCH, MATCH],
    "failure": [MATCH, (0xA700, None), MATCH],
    "cancelled": [MATCH, (0xFE00, None)],
    "success": [MATCH, (0x0000, None), MATCH],
    "unknown": [(0xFFF0, None)],
    "text": [("all right", None)],
    "explained": [(explained(), None)],
    "empty": [(Dataset(), None)],
    "no match": [(0xFF00, None)],
}
RETRIEVED: Any = {
    "zero": [0],
    "nothing": [],
    "text": ["two"],
    "two": [2, ONE, TWO],
    "few": [2, ONE],
    "many": [1, ONE, TWO],
    "failure": [2, ONE, (0xA702, None)],
    "listed": [2, ONE, (0xA702, listed("9.8.7"))],
    "cancelled": [2, ONE, (0xFE00, listed("9.8.7"))],
    "warning": [2, (0xB000, None)],
    "success": [2, ONE, (0x0000, None)],
    "no status": [1, ("all right", None)],
    "explained": [1, (explained(), None)],
    "refused": [1, (0xFF00, image(9, "failure"))],
}
DESTINATIONS: Any = {"unknown": [(None, None), 1], "alone": [("127.0.0.1", 1)], "wrong": [5, 1]}


def on_c_echo(context: Any, info: Any) -> Any:
    tell("echo", context, comparable(info))
    return list(STATUSES.values())[info["parameters"]["message_id"] - 1]


def on_c_store(dataset: Any, context: Any, info: Any) -> Any:
    tell("store", dataset, context, comparable(info))
    name = str(dataset.PatientName)
    return failing() if name == "raise" else STATUSES.get(name, 0x0000)


def on_c_find(dataset: Any, context: Any, info: Any) -> Any:
    tell("find", dataset, context, comparable(info))
    if dataset.PatientName == "raise":
        failing()
    yield from FOUND[str(dataset.PatientName)]


def on_c_get(dataset: Any, context: Any, info: Any) -> Any:
    tell("get", dataset, context, comparable(info))
    name = str(dataset.PatientName)
    return failing() if name == "raise" else iter(RETRIEVED[name])


def on_c_move(dataset: Any, move_aet: Any, context: Any, info: Any) -> Any:
    tell("move", dataset, move_aet, context, comparable(info))
    name = str(dataset.PatientName)
    if name == "raise":
        failing()
    if name in DESTINATIONS:
        return iter(DESTINATIONS[name])
    return iter([("127.0.0.1", int(sys.argv[3])), *RETRIEVED[name]])


def on_n_get(attr: Any, context: Any, info: Any) -> Any:
    tell("n-get", [str(tag) for tag in map(int, attr)], context, comparable(info))
    return 0x0000, identifier("Display")


def on_user_identity(kind: Any, first: Any, second: Any, info: Any) -> Any:
    tell("identity", kind, first, second, comparable(info))
    if first == b"nobody":
        raise NotImplementedError
    return first == b"name", b"token"


def on_association_accepted(primitive: Any) -> None:
    tell("accepted", primitive)


def on_association_rejected(primitive: Any) -> None:
    tell("rejected", primitive)


def on_association_released(primitive: Any = None) -> None:
    tell("released", primitive)


def on_association_aborted(primitive: Any = None) -> None:
    tell("aborted", primitive)


def comparable(info: Any) -> Any:
    """Return `info` without what the system chose, and without the numbers of sub-operations."""
    for side in ("requestor", "acceptor"):
        info.get(side, {}).pop("port", None)
    parameters = info.get("parameters", {})
    if parameters.get("originator_aet") != MOVER and "priority" in parameters:
        parameters["message_id"] = "any"
    return info


def callbacks(ae: Any) -> Any:
    for name, value in globals().items():
        if name.startswith("on_"):
            setattr(ae, name, value)
    return ae


def entity(title: Any, port: int) -> Any:
    return AE(ae_title=title, port=port)


def be_scp(port: int) -> None:
    ae: Any = callbacks(entity(b"OLD SCP", port))
    ae.bind_addr = "127.0.0.1"
    ae.maximum_associations = 99
    ae.supported_contexts = QueryRetrievePresentationContexts
    ae.add_supported_context(VerificationSOPClass)
    ae.add_supported_context(DisplaySystemSOPClass)
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    ae.requested_contexts = StoragePresentationContexts
    ae.start()


# Asking.


def associate(port: int, *items: Any) -> Any:
    ae: Any = AE(ae_title="OLD SCU")
    ae.requested_contexts = QueryRetrievePresentationContexts
    for uid in (VerificationSOPClass, DisplaySystemSOPClass, CTImageStorage):
        ae.add_requested_context(uid)
    ae.on_c_store = on_c_store
    ae.dimse_timeout = 20
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid, role.scu_role, role.scp_role = CTImageStorage, True, True
    return ae.associate("127.0.0.1", port, ae_title=b"OLD SCP", ext_neg=[role, *items])


def user(name: bytes) -> Any:
    item = UserIdentityNegotiation()
    item.user_identity_type, item.primary_field, item.secondary_field = 2, name, b"word"
    return item


def ask(name: str, results: Any) -> None:
    for status, dataset in results:
        tell(name, status, dataset or None)


def be_scu(port: int) -> None:
    assoc = associate(port)
    tell("contexts", [(c.abstract_syntax, c.transfer_syntax) for c in assoc.accepted_contexts])
    tell("sides", [assoc.local["ae_title"], assoc.remote["ae_title"], assoc.remote["pdv_size"]])
    for number in range(len(STATUSES)):
        tell("echo", assoc.send_c_echo(number + 1))
    for number, name in enumerate([*STATUSES, "raise"]):
        tell("store", name, assoc.send_c_store(image(3, name), number, number % 3, MOVER, 12))
    for name in [*FOUND, "raise"]:
        ask(f"find {name}", assoc.send_c_find(identifier(name), 3, 1, "P"))
    for name in [*RETRIEVED, "raise"]:
        ask(f"get {name}", assoc.send_c_get(identifier(name), query_model="S"))
    # If there is nothing to move, the original opens an association all the same; we do not.
    for name in [*list(RETRIEVED)[1:], *DESTINATIONS, "raise"]:
        ask(f"move {name}", assoc.send_c_move(identifier(name), b"DEST", 1))
    tell("n-get", assoc.send_n_get([(0x10, 0x10)], DisplaySystemSOPClass, "1.2.3"))
    assoc.release()
    for who in (b"name", b"somebody", b"nobody"):
        assoc = associate(port, user(who))
        tell("identity", who, [assoc.is_established, assoc.is_rejected])
        assoc.release() if who == b"name" else assoc.abort()


def main() -> None:
    role, port = sys.argv[1], int(sys.argv[2])
    if role == "scp":
        be_scp(port)
        return
    destination: Any = entity(b"DEST", int(sys.argv[3]))
    destination.bind_addr = "127.0.0.1"
    destination.supported_contexts = StoragePresentationContexts
    destination.on_c_store = on_c_store
    thread = threading.Thread(target=destination.start)
    thread.start()
    try:
        be_scu(port)
    finally:
        destination.stop()
        thread.join()


if __name__ == "__main__":
    main()

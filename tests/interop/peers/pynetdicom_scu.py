"""A verification and storage SCU written against the documented interface of pynetdicom 3.

It runs in the peer's own virtual environment, in a process of its own:
`pynetdicom_scu.py PORT [KEY CERTIFICATE AUTHORITY] < paths`. It verifies the peer, sends each
file unchanged, and prints the statuses in decimal, one a line.
"""

import socket
import ssl
import sys
from collections.abc import Callable
from functools import partial

from pydicom.dataset import Dataset
from pydicom.filereader import read_file_meta_info

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association

VERIFICATION = "1.2.840.10008.1.1"

# 3.0.4 was seen, about once in 3,000 messages, to read a response that came within a millisecond
# and then to wait for it until its time was up. So a question without an answer is asked again.
TRIES = 3
SECONDS_TO_WAIT = 3


def main(port: str, *tls: str) -> None:
    _config.STORE_SEND_CHUNKED_DATASET = True
    paths = sys.stdin.read().splitlines()
    entity = AE()
    entity.dimse_timeout = SECONDS_TO_WAIT
    entity.add_requested_context(VERIFICATION)
    for sop_class, syntax in sorted({pair_of(path) for path in paths}):
        entity.add_requested_context(sop_class, syntax)
    peer = Peer(partial(associate, entity, int(port), *tls))
    statuses = [peer.ask(lambda association: association.send_c_echo())]
    statuses += [peer.ask(partial(store, path)) for path in paths]
    peer.association.release()
    sys.stdout.writelines(f"{status}\n" for status in statuses)


class Peer:
    """The SCP, over one association as long as that lasts."""

    def __init__(self, connect: Callable[[], Association]) -> None:
        self.connect = connect
        self.association = connect()

    def ask(self, question: Callable[[Association], Dataset]) -> int:
        for _ in range(TRIES):
            if not self.association.is_established:
                self.association = self.connect()
            answer = question(self.association)
            if "Status" in answer:
                return int(answer.Status)
        raise SystemExit("no answer")


def associate(entity: AE, port: int, *tls: str) -> Association:
    return entity.associate(
        "127.0.0.1",
        port,
        tls_args=(context_for(*tls), "localhost") if tls else None,
        evt_handlers=[(evt.EVT_CONN_OPEN, send_at_once)],
    )


def store(path: str, association: Association) -> Dataset:
    return association.send_c_store(path)


def pair_of(path: str) -> tuple[str, str]:
    meta = read_file_meta_info(path)
    return meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID


def send_at_once(event: evt.Event) -> None:
    # Else each message costs 40 ms: this version writes it in two pieces and Nagle holds the last.
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def context_for(key: str, certificate: str, authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=authority)
    context.load_cert_chain(certificate, key)
    return context


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A verification and storage SCU written against the documented interface of pynetdicom 3.

It runs in the peer's own virtual environment, in a process of its own:
`pynetdicom_scu.py PORT [KEY CERTIFICATE AUTHORITY] < paths`. It verifies the peer, sends each
file unchanged, and prints the statuses in decimal, one a line.
"""

import socket
import ssl
import sys

from pydicom.filereader import read_file_meta_info

from pynetdicom import AE, _config, evt

VERIFICATION = "1.2.840.10008.1.1"


def main(port: str, *tls: str) -> None:
    _config.STORE_SEND_CHUNKED_DATASET = True
    paths = sys.stdin.read().splitlines()
    entity = AE()
    entity.add_requested_context(VERIFICATION)
    for sop_class, syntax in sorted({pair_of(path) for path in paths}):
        entity.add_requested_context(sop_class, syntax)
    tls_args = (context_for(*tls), "localhost") if tls else None
    association = entity.associate(
        "127.0.0.1",
        int(port),
        tls_args=tls_args,
        evt_handlers=[(evt.EVT_CONN_OPEN, send_at_once)],
    )
    statuses = [association.send_c_echo()]
    statuses += [association.send_c_store(path) for path in paths]
    association.release()
    sys.stdout.writelines(f"{status.get('Status')}\n" for status in statuses)


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

"""A storage SCP written against the documented interface of pynetdicom 3.

It runs in the peer's own virtual environment, in a process of its own:
`pynetdicom_scp.py PORT FOLDER [KEY CERTIFICATE AUTHORITY]`. Each data set is written into
FOLDER exactly as it came over the wire.
"""

import itertools
import ssl
import sys
from pathlib import Path

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt

VERIFICATION = "1.2.840.10008.1.1"


def main(port: str, folder: str, *tls: str) -> None:
    entity = AE()
    entity.add_supported_context(VERIFICATION)
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(str(context.abstract_syntax), ALL_TRANSFER_SYNTAXES)
    numbers = itertools.count()

    def store(event: evt.Event) -> int:
        data_set = event.request.DataSet.getvalue()
        Path(folder, f"{next(numbers):04}").write_bytes(data_set)
        return 0x0000

    entity.start_server(
        ("127.0.0.1", int(port)),
        ssl_context=context_for(*tls) if tls else None,
        evt_handlers=[(evt.EVT_C_STORE, store)],
    )


def context_for(key: str, certificate: str, authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


if __name__ == "__main__":
    main(*sys.argv[1:])

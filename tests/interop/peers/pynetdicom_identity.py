"""A verification SCP written against the documented interface of pynetdicom 3.

It runs in the peer's own virtual environment, in a process of its own:
`pynetdicom_identity.py PORT`. It lets in alice with her password, and answers a web token.
"""

import sys

from pynetdicom import AE, evt

USER_NAME_AND_PASSCODE, WEB_TOKEN = 2, 5


def main(port: str) -> None:
    def check(event: evt.Event) -> tuple[bool, bytes | None]:
        if event.user_id_type == USER_NAME_AND_PASSCODE:
            return (event.primary_field, event.secondary_field) == (b"alice", b"secret"), None
        return event.user_id_type == WEB_TOKEN and event.primary_field == b"a.b.c", b"welcome"

    entity = AE()
    entity.add_supported_context("1.2.840.10008.1.1")
    entity.start_server(("127.0.0.1", int(port)), evt_handlers=[(evt.EVT_USER_ID, check)])


if __name__ == "__main__":
    main(*sys.argv[1:])

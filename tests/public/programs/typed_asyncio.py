"""What users write with the asyncio front, with types: it is checked, not run."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from pydicom import Dataset

from pynetdicom import build_context, evt
from pynetdicom.asyncio import AE, Association, AssociationServer
from pynetdicom.sop_class import (
    BasicFilmSession,
    PatientRootQueryRetrieveInformationModelFind,
    Verification,
)

FIND = PatientRootQueryRetrieveInformationModelFind


async def ask() -> None:
    ae = AE("CLIENT")
    ae.add_requested_context(Verification)
    async with ae.associate("127.0.0.1", 104, contexts=[build_context(FIND)]) as assoc:
        assert_type(assoc, Association)
        status = await assoc.send_c_echo()
        assert_type(status, Dataset)
        async for answer, found in assoc.send_c_find(Dataset(), FIND):
            if answer.Status == 0xFF00 and found is not None:
                print(found.PatientName)
        reply = await assoc.send_n_get(None, BasicFilmSession, "1.2.3")
        assert_type(reply, tuple[Dataset, Dataset | None])
    assoc = await ae.associate("127.0.0.1", 104)
    if assoc.is_established:
        await asyncio.gather(assoc.send_c_echo(msg_id=1), assoc.send_c_echo(msg_id=2))
    await assoc.release()


async def handle_echo(event: evt.Event) -> int:
    await asyncio.sleep(0)
    return 0x0000


async def handle_find(event: evt.Event, names: list[str]) -> AsyncIterator[tuple[int, Dataset]]:
    for _ in names:
        yield 0xFF00, event.identifier


def handle_move(event: evt.Event) -> Iterator[tuple[None, None]]:
    yield None, None


async def serve() -> None:
    handlers = [
        (evt.EVT_C_ECHO, handle_echo),
        (evt.EVT_C_FIND, handle_find, [["A", "B"]]),
        (evt.EVT_C_MOVE, handle_move),
    ]
    async with AE("SERVER") as ae:
        ae.add_supported_context(Verification)
        async with ae.start_server(("", 104), evt_handlers=handlers) as server:
            assert_type(server, AssociationServer)
            await server.serve_forever()
        server = await ae.start_server(("", 105))
        print(server.server_address, server.active_associations)
        await server.shutdown()


asyncio.run(ask())
asyncio.run(serve())

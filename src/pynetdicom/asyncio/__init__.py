"""The asyncio front: the same names as the blocking one, to be awaited.

    from pynetdicom.asyncio import AE

    async with ae.associate("127.0.0.1", 11112) as assoc:
        status = await assoc.send_c_echo()

Handlers may be `async def` functions; plain ones that are asked for an answer run in a thread.
"""

from pynetdicom.asyncio.ae import ApplicationEntity as AE  # noqa: N817  # the documented name
from pynetdicom.asyncio.association import Association
from pynetdicom.asyncio.transport import AssociationServer

__all__ = ["AE", "Association", "AssociationServer"]

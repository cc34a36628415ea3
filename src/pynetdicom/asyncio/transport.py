"""The asyncio front's server."""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from pynetdicom import events as evt
from pynetdicom._address import AddressInformation
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom._server import BaseServer
from pynetdicom.asyncio.association import Association, AssociationProtocol
from pynetdicom.presentation import PresentationContext

LOGGER = logging.getLogger(__name__)

_BACKLOG = 128


class AssociationServer(BaseServer[Association]):
    """Listens for connections and makes associations of them; `AE.start_server` returns it.

    Args:
        ae: The application entity.
        ae_title: The AE title of its associations.
        contexts: The presentation contexts that are accepted.
        evt_handlers: Bound to the events of its associations.
    """

    def __init__(
        self,
        ae: Any,
        ae_title: str,
        contexts: list[PresentationContext],
        evt_handlers: Sequence[evt.EventHandlerType] | None,
    ) -> None:
        self.ae = ae
        self.ae_title = ae_title
        self.contexts = contexts
        self._handlers = evt.Handlers(allows_coroutines=True)
        self._handlers.bind_all(evt_handlers)
        self._server: asyncio.Server | None = None
        self._ssl_context: ssl.SSLContext | None = None
        self._is_closed = asyncio.Event()

    async def start(self, address: tuple[Any, ...], ssl_context: ssl.SSLContext | None) -> None:
        """Begin to listen.

        Args:
            address: (host, port); port 0 takes a free one.
            ssl_context: For TLS, ``None`` for none.

        Raises:
            OSError: It cannot listen there.
        """
        self._ssl_context = ssl_context
        info = AddressInformation(address[0] or "0.0.0.0", *address[1:])
        # The handshakes have their deadline, and the loop goes on accepting meanwhile.
        patience = self.ae.acse_timeout if ssl_context is not None else None
        self._server = await asyncio.get_running_loop().create_server(
            self._make_protocol,
            info.address,
            info.port,
            family=info.address_family,
            backlog=_BACKLOG,
            ssl=ssl_context,
            ssl_handshake_timeout=patience,
        )
        self.ae._servers.add(self)

    def _make_protocol(self) -> AssociationProtocol:
        assoc = Association(self.ae, MODE_ACCEPTOR, self._handlers.copy())
        assoc.acceptor.address_info = AddressInformation.from_tuple(self.server_address)
        self.ae._prepare_acceptor(assoc, self.ae_title, self.contexts)
        return AssociationProtocol(assoc, self._adopt)

    def _adopt(self, assoc: Association) -> bool:
        """Count an association among the active ones, unless the server is shut down.

        Not before its connection is open: nothing tells us when a handshake fails.
        """
        if self._is_closed.is_set():
            return False
        assoc._server = self
        self.ae._take_connection(assoc)
        return True

    @property
    def server_address(self) -> tuple[Any, ...]:
        """Where it listens, as its socket says.

        Raises:
            RuntimeError: It does not listen.
        """
        if self._server is None or not self._server.sockets:
            raise RuntimeError("The server does not listen")
        address: tuple[Any, ...] = self._server.sockets[0].getsockname()
        return address

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """What it does TLS with, ``None`` for none."""
        return self._ssl_context

    async def serve_forever(self) -> None:
        """Serve until it is shut down, or the task is cancelled, which shuts it down, too."""
        if self._server is None:
            return
        try:
            await self._is_closed.wait()
        except asyncio.CancelledError:
            await self.shutdown()
            raise

    async def shutdown(self) -> None:
        """Stop listening, abort the associations, and wait for their ends."""
        self._is_closed.set()
        if self._server is not None:
            await _close(self._server)
        self.ae._servers.discard(self)
        ending = self.active_associations
        for assoc in ending:
            assoc.abort()
        for assoc in ending:
            await assoc._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.shutdown()


async def _close(server: asyncio.Server) -> None:
    """Close a server behind the connections it has just accepted: Python forgets to close them."""
    loop = asyncio.get_running_loop()
    for sock in server.sockets:
        with suppress(NotImplementedError):  # Windows accepts in another way
            loop.remove_reader(sock.fileno())
    for _ in range(3):  # turns of the loop until such a connection is open, refused, and closed
        await asyncio.sleep(0)
    server.close()

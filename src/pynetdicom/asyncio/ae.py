"""The asyncio front's application entity."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine, Generator, Sequence
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from pynetdicom import events as evt
from pynetdicom._address import AddressInformation
from pynetdicom._entity import BaseEntity, check_address
from pynetdicom._globals import DEFAULT_MAX_LENGTH, MODE_REQUESTOR
from pynetdicom.asyncio.association import Association, AssociationProtocol
from pynetdicom.asyncio.transport import AssociationServer
from pynetdicom.presentation import PresentationContext
from pynetdicom.user_information import ServiceParameter
from pynetdicom.utils import set_ae

LOGGER = logging.getLogger("pynetdicom.transport")

Handlers = Sequence[evt.EventHandlerType]


class _Closing(Protocol):
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


T = TypeVar("T", bound=_Closing)


class _Opening(Generic[T]):
    """Something that can be awaited, or entered with `async with` and is closed behind it."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._make = make
        self._made: T

    def __await__(self) -> Generator[Any, None, T]:
        return self._make().__await__()

    async def __aenter__(self) -> T:
        self._made = await self._make()
        return self._made

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._made.__aexit__(kind, error, trace)


class ApplicationEntity(BaseEntity):
    """An application entity whose calls are awaited.

    Args:
        ae_title: Its AE title, 1 to 16 characters.
    """

    def __init__(self, ae_title: str = "PYNETDICOM") -> None:
        super().__init__(ae_title)
        self._servers: set[AssociationServer] = set()
        self._closing: set[Association] = set()  # over, but what was said last is on its way

    def associate(  # noqa: PLR0913, PLR0917  # the documented signature
        self,
        addr: str | tuple[str, int, int],
        port: int,
        contexts: list[PresentationContext] | None = None,
        ae_title: str = "ANY-SCP",
        max_pdu: int = DEFAULT_MAX_LENGTH,
        ext_neg: Sequence[ServiceParameter] | None = None,
        bind_address: tuple[Any, ...] | None = None,
        tls_args: tuple[Any, str | None] | None = None,
        evt_handlers: Handlers | None = None,
    ) -> _Opening[Association]:
        """Request an association (PS3.8 7.1): await it, or enter it with `async with`.

        `async with` releases it at the end, and aborts it when an exception comes. Nothing is
        raised when the peer rejects, aborts or cannot be reached: look at `is_established`.

        Args:
            addr: The peer's IP address or host name, or (address, flowinfo, scope_id) of IPv6.
            port: The peer's TCP port.
            contexts: The presentation contexts to propose; ``None`` for `requested_contexts`.
            ae_title: The peer's AE title.
            max_pdu: The maximum length to announce, in bytes; 0 for no limit.
            ext_neg: Items of extended negotiation.
            bind_address: What to connect from; ``None`` for any address.
            tls_args: For TLS, a context and the peer's host name, or ``None`` for no check of it.
            evt_handlers: (event, handler) or (event, handler, args) each.

        Raises:
            TypeError: A value has the wrong type.
            ValueError: A value is not allowed.
            RuntimeError: There is no presentation context to propose.
        """
        check_address(addr, port)

        async def make() -> Association:
            handlers = evt.Handlers(allows_coroutines=True)
            handlers.bind_all(evt_handlers)
            assoc = Association(self, MODE_REQUESTOR, handlers)
            self._prepare_request(assoc, contexts, ae_title, max_pdu, ext_neg)
            info = await asyncio.to_thread(AddressInformation.from_addr_port, addr, port)
            assoc.acceptor.address_info = info
            await assoc.request(lambda: _connect(assoc, info, bind_address, tls_args))
            return assoc

        return _Opening(make)

    def start_server(
        self,
        address: tuple[Any, ...],
        ssl_context: Any = None,
        evt_handlers: Handlers | None = None,
        ae_title: str | None = None,
        contexts: list[PresentationContext] | None = None,
    ) -> _Opening[AssociationServer]:
        """Listen for associations: await it, or enter it with `async with`, which ends with it.

        Args:
            address: Where to listen: (host, port); port 0 takes a free one.
            ssl_context: For TLS, ``None`` for none.
            evt_handlers: (event, handler) or (event, handler, args) each.
            ae_title: The AE title of its associations; ``None`` for the AE's.
            contexts: The presentation contexts to accept; ``None`` for `supported_contexts`.

        Raises:
            ValueError: There is no presentation context, or one answers to just one role.
            OSError: It cannot listen there.
        """
        title = set_ae(ae_title, "ae_title", allow_empty=False) or self.ae_title
        server = AssociationServer(self, title, self._contexts_to_accept(contexts), evt_handlers)

        async def make() -> AssociationServer:
            await server.start(address, ssl_context)
            return server

        return _Opening(make)

    async def shutdown(self) -> None:
        """Abort all its associations, requested ones too, and stop its servers."""
        for server in list(self._servers):
            await server.shutdown()
        ending = self.active_associations
        for assoc in ending:
            assoc.abort()
        for assoc in {*ending, *self._closing}:
            await assoc._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.shutdown()


async def _connect(
    assoc: Association,
    info: AddressInformation,
    bind_address: tuple[Any, ...] | None,
    tls_args: tuple[Any, str | None] | None,
) -> None:
    """Connect to the first address of the host that answers, each within the connection timeout."""
    context, hostname = tls_args or (None, None)
    if context is not None:
        _check_tls(context, hostname)
    *others, last = info.candidates
    for candidate in others:
        try:
            await _connect_to(assoc, candidate, bind_address, context, hostname)
            return
        except OSError as error:
            LOGGER.debug("Unable to connect to %s: %s", candidate.address, error)
    await _connect_to(assoc, last, bind_address, context, hostname)


async def _connect_to(
    assoc: Association,
    info: AddressInformation,
    bind_address: tuple[Any, ...] | None,
    context: ssl.SSLContext | None,
    hostname: str | None,
) -> None:
    loop = asyncio.get_running_loop()
    # asyncio sets TCP_NODELAY on sockets that say that they are of TCP.
    sock = socket.socket(info.address_family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        if bind_address is not None:
            # The system remembers a port for a while after its connection has ended.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(bind_address)
        async with asyncio.timeout(assoc.connection_timeout):
            await loop.sock_connect(sock, info.as_tuple)
            await loop.create_connection(
                lambda: AssociationProtocol(assoc, lambda assoc: not assoc._is_over),
                sock=sock,
                ssl=context,
                # An empty name is no name: the certificate's is not compared, as in the blocking
                # front.
                server_hostname=(hostname or "") if context is not None else None,
            )
    except BaseException:  # an interruption too, or a port that is none
        sock.close()
        raise


def _check_tls(context: ssl.SSLContext, hostname: str | None) -> None:
    """Refuse what the blocking front's sockets refuse.

    asyncio leaves the connection open when a context is for servers, and compares no name when
    none is given, whatever the context says.

    Raises:
        ssl.SSLError: The context cannot be used.
    """
    if context.protocol is ssl.PROTOCOL_TLS_SERVER:
        raise ssl.SSLError("Cannot create a client socket with a PROTOCOL_TLS_SERVER context")
    if context.check_hostname and not hostname:
        raise ssl.SSLError("check_hostname requires server_hostname")

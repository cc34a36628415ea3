"""The blocking front's servers, and the addresses and sockets of associations."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Sequence
from typing import Any

from pynetdicom import events as evt
from pynetdicom._address import AddressInformation as AddressInformation
from pynetdicom._channel import T_CONNECT as T_CONNECT
from pynetdicom._channel import AssociationSocket as AssociationSocket
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom._listener import Listener
from pynetdicom._server import BaseServer
from pynetdicom.association import Association, abort_all
from pynetdicom.presentation import PresentationContext


class RequestHandler(socketserver.BaseRequestHandler):
    """Makes an association of a connection; override `_create_association` to make another kind."""

    request: socket.socket
    server: "AssociationServer"

    @property
    def ae(self) -> Any:
        """The server's application entity."""
        return self.server.ae

    @property
    def local(self) -> tuple[Any, ...]:
        """Our end's address."""
        address: tuple[Any, ...] = self.request.getsockname()
        return address

    @property
    def remote(self) -> tuple[Any, ...]:
        """The peer's address."""
        address: tuple[Any, ...] = self.client_address
        return address

    def handle(self) -> None:
        """Start an association; everything else happens in its thread."""
        assoc = self._create_association()
        assoc._server = self.server
        self.ae._take_connection(assoc)
        assoc.start()

    def _create_association(self) -> Association:
        server = self.server
        assoc: Association = self.ae._association_class(
            self.ae, MODE_ACCEPTOR, server._handlers.copy()
        )
        assoc.set_socket(AssociationSocket(assoc, self.request))
        assoc._address = self.remote
        assoc.acceptor.address_info = AddressInformation.from_tuple(self.local)
        assoc._ssl_context = server.ssl_context
        self.ae._prepare_acceptor(assoc, server.ae_title, server.contexts)
        return assoc


class AssociationServer(BaseServer[Association], Listener, socketserver.TCPServer):
    """Listens for connections and makes associations of them, each in a thread of its own.

    Args:
        ae: The application entity.
        address: Where to listen: (host, port), or four values for IPv6; port 0 takes a free one.
        ae_title: The AE title of its associations.
        contexts: The presentation contexts that are accepted.
        ssl_context: For TLS, ``None`` for none.
        evt_handlers: Bound to the events of its associations.
        request_handler: A kind of `RequestHandler`, ``None`` for that.

    Raises:
        OSError: It cannot listen there.
    """

    def __init__(  # noqa: PLR0917  # the documented signature
        self,
        ae: Any,
        address: tuple[Any, ...],
        ae_title: str,
        contexts: list[PresentationContext],
        ssl_context: ssl.SSLContext | None = None,
        evt_handlers: Sequence[evt.EventHandlerType] | None = None,
        request_handler: type[RequestHandler] | None = None,
    ) -> None:
        self.ae = ae
        self.ae_title = ae_title
        self.contexts = contexts
        self.ssl_context = ssl_context
        self._handlers = evt.Handlers()
        self._handlers.bind_all(evt_handlers)
        info = AddressInformation(address[0] or "0.0.0.0", *address[1:])
        self.address_family: int = info.address_family
        super().__init__(info.as_tuple, request_handler or RequestHandler)
        ae._servers.add(self)

    def shutdown_request(self, request: Any) -> None:
        """Leave the connection to its association."""

    def server_close(self) -> None:
        """Stop accepting, abort the associations, and close."""
        super().server_close()
        self.ae._servers.discard(self)

    def _end_associations(self) -> None:
        abort_all(self.active_associations)


class ThreadedAssociationServer(AssociationServer):
    """What `AE.start_server(block=False)` returns: a server that runs in a thread of its own."""

    _thread: threading.Thread | None = None

    def server_close(self) -> None:
        """Stop accepting, abort the associations, close, and wait for the thread."""
        super().server_close()
        if self._thread is not None and threading.current_thread() is not self._thread:
            self._thread.join()

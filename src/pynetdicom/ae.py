"""The blocking front's application entity."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, overload

from pynetdicom import events as evt
from pynetdicom._address import AddressInformation
from pynetdicom._callbacks import Callbacks
from pynetdicom._channel import AssociationSocket, TLSArguments
from pynetdicom._entity import check_address
from pynetdicom._globals import DEFAULT_MAX_LENGTH, MODE_REQUESTOR
from pynetdicom.association import Association, abort_all
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationServer, ThreadedAssociationServer
from pynetdicom.user_information import ServiceParameter
from pynetdicom.utils import make_target, set_ae

LOGGER = logging.getLogger(__name__)

Handlers = Sequence[evt.EventHandlerType]


class ApplicationEntity(Callbacks):
    """An application entity whose calls return when they are done.

    Args:
        ae_title: Its AE title, 1 to 16 characters.
        port: Where `start` listens; for programs that were written for pynetdicom 1.1.
    """

    # What it makes of connections.
    _association_class: type[Association] = Association

    def __init__(self, ae_title: str = "PYNETDICOM", port: int | None = None) -> None:
        super().__init__(ae_title)
        if port is not None:
            self.port = port
        self._lock = threading.Lock()
        self._servers: set[AssociationServer] = set()

    def associate(  # noqa: PLR0913, PLR0917  # the documented signature
        self,
        addr: str | tuple[str, int, int],
        port: int,
        contexts: list[PresentationContext] | None = None,
        ae_title: str = "ANY-SCP",
        max_pdu: int = DEFAULT_MAX_LENGTH,
        ext_neg: Sequence[ServiceParameter] | None = None,
        bind_address: tuple[Any, ...] | None = None,
        tls_args: TLSArguments | None = None,
        evt_handlers: Handlers | None = None,
    ) -> Association:
        """Request an association and return it when it is decided (PS3.8 7.1).

        Nothing is raised when the peer rejects, aborts or cannot be reached: look at
        `is_established`.

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
        handlers = evt.Handlers()
        handlers.bind_all(evt_handlers)
        self._bind_callbacks(handlers)
        assoc = self._association_class(self, MODE_REQUESTOR, handlers)
        self._prepare_request(assoc, contexts, ae_title, max_pdu, ext_neg)
        assoc.acceptor.address_info = AddressInformation.from_addr_port(addr, port)
        bind_to = AddressInformation.from_tuple(bind_address) if bind_address else None
        assoc.set_socket(self._create_socket(assoc, bind_to, tls_args))
        assoc.request()
        return assoc

    def _create_socket(
        self, assoc: Association, address: AddressInformation | None, tls_args: TLSArguments | None
    ) -> AssociationSocket:
        """Return the socket of a request; override it to have another kind."""
        transport = AssociationSocket(assoc, address=address)
        transport.tls_args = tls_args
        return transport

    def make_server(
        self,
        address: tuple[Any, ...],
        ae_title: str | None = None,
        contexts: list[PresentationContext] | None = None,
        ssl_context: Any = None,
        evt_handlers: Handlers | None = None,
        server_class: type[AssociationServer] | None = None,
        **kwargs: Any,
    ) -> AssociationServer:
        """Return a server that listens and waits for `serve_forever`.

        Args:
            address: Where to listen: (host, port), or four values for IPv6.
            ae_title: The AE title of its associations; ``None`` for the AE's.
            contexts: The presentation contexts to accept; ``None`` for `supported_contexts`.
            ssl_context: For TLS, ``None`` for none.
            evt_handlers: (event, handler) or (event, handler, args) each.
            server_class: A kind of `AssociationServer`, ``None`` for that.
            **kwargs: Further arguments of `server_class`.

        Raises:
            ValueError: There is no presentation context, or one answers to just one role.
            OSError: It cannot listen there.
        """
        title = set_ae(ae_title, "ae_title", allow_empty=False) or self._ae_title
        chosen = self._contexts_to_accept(contexts)
        make = server_class or AssociationServer
        server = make(self, address, title, chosen, ssl_context, evt_handlers or (), **kwargs)
        self._bind_callbacks(server)
        return server

    @overload
    def start_server(
        self,
        address: tuple[Any, ...],
        block: Literal[True] = True,
        ssl_context: Any = None,
        evt_handlers: Handlers | None = None,
        ae_title: str | None = None,
        contexts: list[PresentationContext] | None = None,
    ) -> None: ...

    @overload
    def start_server(
        self,
        address: tuple[Any, ...],
        block: Literal[False],
        ssl_context: Any = None,
        evt_handlers: Handlers | None = None,
        ae_title: str | None = None,
        contexts: list[PresentationContext] | None = None,
    ) -> ThreadedAssociationServer: ...

    @overload
    def start_server(
        self,
        address: tuple[Any, ...],
        block: bool = True,
        ssl_context: Any = None,
        evt_handlers: Handlers | None = None,
        ae_title: str | None = None,
        contexts: list[PresentationContext] | None = None,
    ) -> ThreadedAssociationServer | None: ...

    def start_server(
        self,
        address: tuple[Any, ...],
        block: bool = True,
        ssl_context: Any = None,
        evt_handlers: Handlers | None = None,
        ae_title: str | None = None,
        contexts: list[PresentationContext] | None = None,
    ) -> ThreadedAssociationServer | None:
        """Listen for associations.

        Args:
            address: Where to listen: (host, port), or four values for IPv6.
            block: True serves until interrupted; False serves in a thread and returns the server.
            ssl_context: For TLS, ``None`` for none.
            evt_handlers: (event, handler) or (event, handler, args) each.
            ae_title: The AE title of its associations; ``None`` for the AE's.
            contexts: The presentation contexts to accept; ``None`` for `supported_contexts`.

        Raises:
            ValueError: There is no presentation context, or one answers to just one role.
            OSError: It cannot listen there.
        """
        server = self.make_server(
            address, ae_title, contexts, ssl_context, evt_handlers, ThreadedAssociationServer
        )
        assert isinstance(server, ThreadedAssociationServer)
        if block:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                pass
            finally:
                server.server_close()
            return None
        name = f"AcceptorServer@{datetime.now():%Y%m%d%H%M%S}"
        thread = threading.Thread(target=make_target(server.serve_forever), name=name, daemon=True)
        server._thread = thread
        thread.start()
        return server

    def _take_place(self, assoc: Any) -> bool:
        with self._lock:
            return super()._take_place(assoc)

    def shutdown(self) -> None:
        """Abort all its associations, requested ones too, and stop its servers."""
        abort_all(self.active_associations)
        for server in list(self._servers):
            server.shutdown()

"""The blocking front, behind the interface the tests are written against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from interop.front import (
    LOOPBACK,
    OUR_TITLE,
    Acceptor,
    Front,
    Handlers,
    Outgoing,
    Served,
    Speaker,
    code_of,
    contexts_for,
    handlers,
    supported_contexts,
    verification_contexts,
)
from interop.links import Link
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext


class Blocking(Front):
    def echo(self, port: int, link: Link, host: str = LOOPBACK) -> int | None:
        with _associated(verification_contexts(), port, link, host) as association:
            return code_of(association.send_c_echo())

    def send(
        self, what: Sequence[Outgoing], port: int, link: Link, host: str = LOOPBACK
    ) -> list[int | None]:
        with _associated(contexts_for(what), port, link, host) as association:
            return [code_of(association.send_c_store(each.argument)) for each in what]

    def send_to_aborting_peer(self, what: Outgoing, port: int, link: Link) -> int | None:
        contexts = contexts_for([what])
        association = AE().associate(LOOPBACK, port, contexts=contexts, tls_args=link.tls_args())
        status = code_of(association.send_c_store(what.argument))
        assert association.is_aborted
        return status

    @contextmanager
    def serve(self, link: Link, host: str = LOOPBACK) -> Iterator[Served]:
        entity, served = AE(), Served()
        entity.supported_contexts = supported_contexts()
        server = entity.start_server(
            (host, 0),
            block=False,
            ssl_context=link.server_context(),
            evt_handlers=handlers(served),
        )
        served.port = server.server_address[1]
        try:
            yield served
        finally:
            server.shutdown()

    @contextmanager
    def associate(
        self, port: int, contexts: Sequence[PresentationContext], **options: Any
    ) -> Iterator[Speaker]:
        entity = AE(options.pop("title", OUR_TITLE))
        association = entity.associate(LOOPBACK, port, contexts=list(contexts), **options)
        assert association.is_established
        try:
            yield association
            association.release()
            assert association.is_released
        finally:
            association.abort()

    @contextmanager
    def accept(
        self,
        contexts: Sequence[PresentationContext],
        handlers: Handlers,
        port: int = 0,
        title: str = OUR_TITLE,
    ) -> Iterator[Acceptor]:
        entity = AE(title)
        server = entity.start_server(
            (LOOPBACK, port), block=False, contexts=list(contexts), evt_handlers=handlers
        )
        try:
            yield Acceptor(server.server_address[1], lambda association: association)
        finally:
            server.shutdown()


@contextmanager
def _associated(
    contexts: list[PresentationContext], port: int, link: Link, host: str
) -> Iterator[Association]:
    association = AE().associate(host, port, contexts=contexts, tls_args=link.tls_args())
    assert association.is_established
    yield association
    association.release()
    assert association.is_released

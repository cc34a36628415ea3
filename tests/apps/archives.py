"""Archives to query and retrieve from, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom import Dataset

from apps.stage import DEADLINE, LOOPBACK
from interop import studies
from pynetdicom import AE, BasicWorklistManagementPresentationContexts, evt
from pynetdicom.presentation import QueryRetrievePresentationContexts
from pynetdicom.sop_class import UnifiedProcedureStepPull

WHOLE_PATIENT = ("-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=AV-1")
UIDS = sorted(str(each.SOPInstanceUID) for each in studies.instances()[:4])

Answers = Callable[[evt.Event], Iterator[Any]]


@dataclass
class Asked:
    """What an archive has been asked."""

    port: int = 0
    holds: studies.Archive = field(default_factory=studies.Archive)
    requests: list[Any] = field(default_factory=list)
    extended: list[dict[Any, bytes]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """The peer, for a command line."""
        return [LOOPBACK, str(self.port)]

    @property
    def identifiers(self) -> list[Dataset]:
        return [event.identifier for event in self.requests]


@contextmanager
def archive(
    answers: Answers | None = None,
    *,
    agrees: bool = False,
    prepare: Callable[[AE], object] = lambda ae: None,
    is_endless: bool = False,
    ssl_context: Any = None,
) -> Iterator[Asked]:
    """Run an archive with the studies of the interoperability tests.

    Args:
        answers: Handles all requests; ``None`` for who searches the studies.
        agrees: Whether everything that may be negotiated about queries is agreed to.
        prepare: Changes what it supports.
        is_endless: Whether answers go on until they are cancelled.
        ssl_context: For TLS, ``None`` for none.
    """
    asked = Asked(holds=studies.Archive(is_endless=is_endless))

    def handle(event: evt.Event) -> Iterator[Any]:
        asked.requests.append(event)
        own = {"C-FIND": asked.holds.find, "C-GET": asked.holds.get, "C-MOVE": asked.holds.move}
        yield from (answers or own[event.request.msg_type])(event)

    def negotiate(event: evt.Event) -> dict[Any, bytes]:
        asked.extended.append(event.app_info)
        return event.app_info if agrees else {}

    ae = AE("ARCHIVE")
    for context in [
        *QueryRetrievePresentationContexts,
        *BasicWorklistManagementPresentationContexts,
    ]:
        ae.add_supported_context(context.abstract_syntax or "")
    ae.add_supported_context(UnifiedProcedureStepPull)
    for storage in studies.STORAGE_CLASSES:
        ae.add_supported_context(storage, scu_role=True, scp_role=True)
    prepare(ae)
    handlers: list[evt.EventHandlerType] = [
        (evt.EVT_C_FIND, handle),
        (evt.EVT_C_GET, handle),
        (evt.EVT_C_MOVE, handle),
        (evt.EVT_SOP_EXTENDED, negotiate),
    ]
    server = ae.start_server((LOOPBACK, 0), False, ssl_context, handlers)
    asked.port = server.server_address[1]
    try:
        yield asked
    finally:
        ended = server.active_associations
        server.shutdown()
        for assoc in ended:
            assoc.join(DEADLINE)

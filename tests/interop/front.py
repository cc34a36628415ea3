"""One story, two fronts: what a test may ask of either, so that its body is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydicom.dataset import Dataset

from interop.links import Link
from interop.samples import Sample, data_set_of, pairs_of, transfer_syntax_of
from pynetdicom import (
    ALL_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    _config,
    build_context,
    evt,
)
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import Verification

LOOPBACK = "127.0.0.1"
SUCCESS = 0x0000
OUR_TITLE = "OURSELVES"

# A status, and the data set that came with it.
Reply = tuple[Dataset, Dataset | None]
Replies = Iterator[Reply]

# (event, handler), as the library takes them.
Handlers = Sequence[tuple[evt.EventType, Callable[..., Any]]]


@dataclass(frozen=True, slots=True)
class Received:
    """One instance our SCP was given."""

    sop_class: str
    transfer_syntax: str
    data_set: bytes
    file: bytes


@dataclass(slots=True)
class Served:
    """A running SCP of ours and what its handlers have seen."""

    port: int = 0
    echoes: int = 0
    instances: list[Received] = field(default_factory=list)

    @property
    def data_sets(self) -> list[bytes]:
        return [instance.data_set for instance in self.instances]

    def echo(self, event: evt.Event) -> int:
        self.echoes += 1
        return SUCCESS

    def store(self, event: evt.Event) -> int:
        self.instances.append(_received(event))
        return SUCCESS


class Speaker(Protocol):
    """An association of either colour whose methods return when they are done."""

    def send_c_store(self, *args: Any, **kwargs: Any) -> Dataset: ...

    def send_c_find(self, *args: Any, **kwargs: Any) -> Replies: ...

    def send_c_get(self, *args: Any, **kwargs: Any) -> Replies: ...

    def send_c_move(self, *args: Any, **kwargs: Any) -> Replies: ...

    def send_c_cancel(self, *args: Any, **kwargs: Any) -> None: ...

    def send_n_event_report(self, *args: Any, **kwargs: Any) -> Reply: ...

    def send_n_get(self, *args: Any, **kwargs: Any) -> Reply: ...

    def send_n_set(self, *args: Any, **kwargs: Any) -> Reply: ...

    def send_n_action(self, *args: Any, **kwargs: Any) -> Reply: ...

    def send_n_create(self, *args: Any, **kwargs: Any) -> Reply: ...

    def send_n_delete(self, *args: Any, **kwargs: Any) -> Dataset: ...


@dataclass(frozen=True, slots=True)
class Acceptor:
    """A running SCP of ours.

    Attributes:
        port: Where it listens.
        speak: Makes a speaker of an association with which its handlers were asked, for the SCP
            that has something to say itself. Not to be used in a handler.
    """

    port: int
    speak: Callable[[Any], Speaker]


class Front(Protocol):
    """The library as one kind of user sees it."""

    def echo(self, port: int, link: Link, host: str = LOOPBACK) -> int | None:
        """Verify a peer and return the status."""

    def send(
        self, what: Sequence[Outgoing], port: int, link: Link, host: str = LOOPBACK
    ) -> list[int | None]:
        """Store everything over one association and return the statuses."""

    def send_to_aborting_peer(self, what: Outgoing, port: int, link: Link) -> int | None:
        """Store one instance with a peer that aborts instead, and return the status."""

    def serve(self, link: Link, host: str = LOOPBACK) -> AbstractContextManager[Served]:
        """Run a verification and storage SCP while the block lasts."""

    def associate(
        self, port: int, contexts: Sequence[PresentationContext], **options: Any
    ) -> AbstractContextManager[Speaker]:
        """Enter an association, which is released behind the block.

        Args:
            port: Where the peer listens.
            contexts: What to propose.
            options: Further arguments of `AE.associate()`, and `title`, ours.
        """

    def accept(
        self,
        contexts: Sequence[PresentationContext],
        handlers: Handlers,
        port: int = 0,
        title: str = OUR_TITLE,
    ) -> AbstractContextManager[Acceptor]:
        """Run an SCP with these handlers while the block lasts; port 0 takes a free one."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An instance to send: where it comes from, and what is handed to `send_c_store()`."""

    sample: Sample
    argument: Any


def as_paths(samples: Sequence[Sample]) -> list[Outgoing]:
    """Send the files as they are on disk."""
    return [Outgoing(sample, sample.path) for sample in samples]


def as_datasets(samples: Sequence[Sample]) -> list[Outgoing]:
    """Send what pydicom read from the files."""
    return [Outgoing(sample, sample.read()) for sample in samples]


def assert_files_tell_the_transfer_syntax(served: Served) -> None:
    """Check that each received file is complete: meta information, then the same data set."""
    files = [each.file for each in served.instances]
    assert [data_set_of(file) for file in files] == served.data_sets
    assert [transfer_syntax_of(file) for file in files] == [
        each.transfer_syntax for each in served.instances
    ]


def assert_all_stored(statuses: Sequence[int | None], samples: Sequence[Sample]) -> None:
    """Check that each C-STORE succeeded, and name the files for which it did not."""
    answered = zip(samples, statuses, strict=True)
    failed = {sample.name: status for sample, status in answered if status != SUCCESS}
    assert failed == {}


def code_of(status: Dataset) -> int | None:
    """Return the status as a number, `None` when the peer did not answer."""
    value: int | None = status.get("Status")
    return value


def verification_contexts() -> list[PresentationContext]:
    return [build_context(Verification)]


def contexts_for(what: Sequence[Outgoing]) -> list[PresentationContext]:
    """Propose one context per pair, so that nothing has to be sent in another syntax."""
    pairs = pairs_of([outgoing.sample for outgoing in what])
    return [build_context(sop_class, syntax) for sop_class, syntax in pairs]


def supported_contexts() -> list[PresentationContext]:
    """Accept verification, and every storage class in every transfer syntax."""
    storage = [
        build_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)
        for context in AllStoragePresentationContexts
        if context.abstract_syntax
    ]
    return [*verification_contexts(), *storage]


def handlers(served: Served) -> list[Any]:
    return [(evt.EVT_C_ECHO, served.echo), (evt.EVT_C_STORE, served.store)]


def _received(event: evt.Event) -> Received:
    sop_class, syntax = event.request.AffectedSOPClassUID, event.context.transfer_syntax
    if _config.STORE_RECV_CHUNKED_DATASET:
        file = event.dataset_path.read_bytes()
        return Received(sop_class, syntax, data_set_of(file), file)
    return Received(sop_class, syntax, event.request.DataSet.getvalue(), event.encoded_dataset())

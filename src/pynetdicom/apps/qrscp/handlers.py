"""What peers ask of the archive, and how it answers (PS3.4 B, C).

No false success: each handler answers success for what has happened and nothing else, and says
what has not.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag
from pydicom.uid import UID

from pynetdicom import evt
from pynetdicom._files import file_head, versioned_file_name
from pynetdicom.apps._explain import cannot_write
from pynetdicom.apps._keep import (
    CANNOT_DECODE,
    CANNOT_WRITE,
    FAILED_OTHERWISE,
    NO_UID,
    SUCCESS,
    encoded,
    without_low_groups,
)
from pynetdicom.apps._output import count_text, plain
from pynetdicom.apps._proposal import Instance as Sendable
from pynetdicom.apps._proposal import loads
from pynetdicom.apps.qrscp.archive import Archive, IndexFailedError, Instance, Kept
from pynetdicom.apps.qrscp.entry import NotArchivableError, entry_of
from pynetdicom.apps.qrscp.identifier import (
    QUERY_LEVEL,
    IdentifierError,
    Query,
    read_query,
    read_retrieval,
)
from pynetdicom.apps.qrscp.model import ALWAYS_EMPTY, ATTRIBUTES, FIND, GET, MOVE, Level
from pynetdicom.apps.qrscp.text import SEPARATOR, character_set_of, encodings_of

DOES_NOT_MATCH: Final = 0xA900
UNABLE_TO_PROCESS: Final = 0xC000
CANCELLED: Final = 0xFE00
PENDING: Final = 0xFF00
PENDING_UNSUPPORTED: Final = 0xFF01  # a match, though some keys were not looked at

_COMMENT_LENGTH: Final = 64
_WITHOUT_EXTENSIONS: Final = ("ISO_IR", "GB")  # character sets that need no escape sequences
_MOST_INSTANCES: Final = 0xFFFF  # that a retrieval can count
UTF_8: Final = "ISO_IR 192"

EVERYTHING: Final = Query(Level.IMAGE, (), ())

Status = int | Dataset
Destination = tuple[str, int]


class Service:
    """The handlers of the archive's services.

    Args:
        archive: Where objects are.
        title: Our AE title, from which matches can be retrieved.
        destinations: Where objects may be moved, by AE title: never to what a request brings.
        logger: Learns what happens; who the patients are is no part of that.
    """

    def __init__(
        self,
        archive: Archive,
        title: str,
        destinations: Mapping[str, Destination],
        logger: logging.Logger,
    ) -> None:
        self._archive = archive
        self._title = title
        self._destinations = destinations
        self._logger = logger

    @property
    def handlers(self) -> list[evt.EventHandlerType]:
        """What to bind."""
        return [
            (evt.EVT_C_STORE, self.store),
            (evt.EVT_C_FIND, self.find),
            (evt.EVT_C_GET, self.get),
            (evt.EVT_C_MOVE, self.move),
            (evt.EVT_SOP_EXTENDED, negotiate),
        ]

    def store(self, event: evt.Event) -> Status:
        """Keep the object of a C-STORE request; success is said of what is durable and known."""
        request = event.request
        if not (request.AffectedSOPClassUID and request.AffectedSOPInstanceUID):
            self._logger.error("A C-STORE request names no SOP class or no SOP instance")
            return NO_UID
        name = plain(request.AffectedSOPInstanceUID)
        try:
            return self._store(event, name)
        except NotArchivableError as error:
            self._logger.error("%s is not stored: %s", name, error)
            return _failure(DOES_NOT_MATCH, str(error))
        except OSError as error:
            self._logger.error("%s is not stored: %s", name, cannot_write(error))
            return _failure(CANNOT_WRITE, "the file cannot be written")
        except IndexFailedError as error:
            self._logger.error("%s is not stored: the index failed: %s", name, error)
            return _failure(CANNOT_WRITE, "the index cannot be written")
        except Exception:
            self._logger.exception("%s is not stored", name)
            return FAILED_OTHERWISE

    def _store(self, event: evt.Event, name: str) -> Status:
        request, syntax = event.request, event.context.transfer_syntax
        class_uid, instance_uid = request.AffectedSOPClassUID, request.AffectedSOPInstanceUID
        head = file_head(class_uid, instance_uid, syntax)
        with encoded(event) as data:
            dataset = _decoded(lambda: event.dataset)
            body = None if dataset is None else without_low_groups(event, data)
            if dataset is None or not body:
                self._logger.error("%s is not stored: its data set cannot be decoded", name)
                return CANNOT_DECODE
            file, size = versioned_file_name(class_uid, instance_uid), len(head) + len(body)
            digest = sha256(body).hexdigest()
            instance = Instance(str(class_uid), str(instance_uid), str(syntax), file, size, digest)
            kept = self._archive.keep(entry_of(dataset, instance), [head, body])
        if kept is Kept.REPLACED:
            self._logger.warning("%s was there with other contents and is replaced", name)
        what = "was there already" if kept is Kept.SAME else "is stored"
        self._logger.info("%s from %s %s", name, _peer(event), what)
        return SUCCESS

    def find(self, event: evt.Event) -> Iterator[tuple[Status, Dataset | None]]:
        """Answer a C-FIND request, match by match."""
        sop_class = event.context.abstract_syntax
        if sop_class in ALWAYS_EMPTY:
            return
        count = 0
        try:
            identifier = _identifier(event)
            query = read_query(identifier, FIND[sop_class], is_relational=_is_relational(event))
            status = PENDING if query.is_supported else PENDING_UNSUPPORTED
            for page in self._archive.index.find(query):
                for match in page:
                    if event.is_cancelled:
                        yield CANCELLED, None
                        return
                    count += 1
                    yield status, self._answer(query, match, identifier)
                if event.is_cancelled:  # also when there are no matches for a while
                    yield CANCELLED, None
                    return
        except (IdentifierError, IndexFailedError) as error:
            yield self._refusal(event, error), None
            return
        self._logger.info("%s found %d at level %s", _peer(event), count, query.level.name)

    def _answer(self, query: Query, match: Mapping[str, str], identifier: Dataset) -> Dataset:
        """Return the identifier of a response (PS3.4 C.4.1.1.3.2)."""
        answer = Dataset()
        if any(not value.isascii() for value in match.values()):
            answer.SpecificCharacterSet = _character_set("".join(match.values()), identifier)
        answer.QueryRetrieveLevel = query.level.name
        answer.RetrieveAETitle = self._title
        if query.asks_availability:
            answer.InstanceAvailability = "ONLINE"
        for keyword, text in match.items():
            attribute = ATTRIBUTES[keyword]
            answer[attribute.tag] = _element(attribute.tag, attribute.vr, text)
        return answer

    def get(self, event: evt.Event) -> Iterator[Any]:
        """Send what a C-GET request asks for, over its own association."""
        try:
            instances = self._selected(event, GET)
        except (IdentifierError, IndexFailedError) as error:
            yield self._refusal(event, error), None
            return
        self._logger.info("%s for %s", count_text(len(instances), "instance"), _peer(event))
        yield from self._send(event, instances)

    def move(self, event: evt.Event) -> Iterator[Any]:
        """Send what a C-MOVE request asks for to a destination that is configured."""
        title = event.move_destination.strip()
        destination = self._destinations.get(title)
        if destination is None:
            self._logger.error(
                "%s wants instances moved to %s, which is not configured",
                _peer(event),
                plain(title),
            )
            yield None, None
            return
        try:
            instances = self._selected(event, MOVE)
        except (IdentifierError, IndexFailedError) as error:
            yield destination
            yield self._refusal(event, error), None
            return
        number = count_text(len(instances), "instance")
        self._logger.info("%s to %s for %s", number, plain(title), _peer(event))
        yield (*destination, {"contexts": self._contexts(instances)})
        yield from self._send(event, instances)

    def _selected(
        self, event: evt.Event, models: Mapping[str, tuple[Level, ...]]
    ) -> list[Instance]:
        levels = models[event.context.abstract_syntax]
        query = read_retrieval(_identifier(event), levels, is_relational=_is_relational(event))
        instances: list[Instance] = []
        for page in self._archive.index.select(query):
            instances += page
            if len(instances) > _MOST_INSTANCES:
                break  # which the library refuses
        return instances

    def _contexts(self, instances: Sequence[Instance]) -> Any:
        """Return what to propose so that files go out as they are."""
        nowhere = Path()  # these stand for kinds of files
        sendable = [
            Sendable(nowhere, UID(each.sop_class_uid), UID(each.transfer_syntax), each.size)
            for each in instances
        ]
        return loads(sendable)[0].contexts if sendable else []

    def _send(self, event: evt.Event, instances: Sequence[Instance]) -> Iterator[Any]:
        yield len(instances)
        for instance in instances:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield PENDING, self._sendable(instance)

    def _sendable(self, instance: Instance) -> PathLike[str] | Dataset:
        """Return the file of an object; or a data set that cannot be sent, and so counts as failed.

        That one has a UID: the response names it.
        """
        reason = "its file is missing or damaged"
        try:
            path = self._archive.sendable(instance)
            if path is not None:
                return path
        except IndexFailedError as error:
            reason = f"the index failed: {error}"
        self._logger.error("%s cannot be sent: %s", instance.sop_instance_uid, reason)
        unsendable = Dataset()
        unsendable.SOPInstanceUID = instance.sop_instance_uid
        return unsendable

    def _refusal(self, event: evt.Event, error: IdentifierError | IndexFailedError) -> Dataset:
        request = event.request.msg_type
        if isinstance(error, IdentifierError):
            self._logger.error("%s of %s is refused: %s", request, _peer(event), error)
            return _failure(DOES_NOT_MATCH, error.comment, error.tag)
        self._logger.error("%s of %s failed: the index failed: %s", request, _peer(event), error)
        return _failure(UNABLE_TO_PROCESS, "the index cannot be read")


def negotiate(event: evt.Event) -> dict[UID, bytes]:
    """Agree to relational queries and retrievals, and to no other extension (PS3.4 C.5)."""
    return {
        uid: bytes([_asks_relational(wanted)]).ljust(len(wanted), b"\0")
        for uid, wanted in event.app_info.items()
        if wanted and (uid in FIND or uid in GET or uid in MOVE)
    }


def _is_relational(event: evt.Event) -> bool:
    """Return whether relational behaviour was asked for, for we have agreed then."""
    wanted = event.assoc.requestor.sop_class_extended
    return _asks_relational(wanted.get(event.context.abstract_syntax, b""))


def _asks_relational(wanted: bytes) -> bool:
    return wanted[:1] == b"\1"


def _identifier(event: evt.Event) -> Dataset:
    identifier = _decoded(lambda: event.identifier)
    if identifier is None:
        raise IdentifierError("the identifier cannot be decoded", QUERY_LEVEL)
    return identifier


def _decoded(read: Callable[[], Dataset]) -> Dataset | None:
    try:
        return read()
    except Exception:  # whatever pydicom raises about what a peer sent
        return None


def _peer(event: evt.Event) -> str:
    return plain(event.assoc.requestor.ae_title.strip())


def _failure(status: int, comment: str, tag: BaseTag | None = None) -> Dataset:
    failure = Dataset()
    failure.Status = status
    failure.ErrorComment = comment[:_COMMENT_LENGTH]
    if tag is not None:
        failure.OffendingElement = tag
    return failure


def _character_set(text: str, identifier: Dataset) -> str:
    """Return the character set of a response: that of the request if it has all the text."""
    wanted = character_set_of(identifier)
    if not wanted.startswith(_WITHOUT_EXTENSIONS) or SEPARATOR in wanted:
        return UTF_8
    try:
        text.encode(encodings_of(identifier)[0])
    except UnicodeError:
        return UTF_8
    return wanted


def _element(tag: BaseTag, vr: str, text: str) -> DataElement:
    """Return an element with the values of a text, which nobody has to approve of."""
    values: list[Any] = [int(v) if vr == "US" else v for v in text.split(SEPARATOR)] if text else []
    value = values if len(values) != 1 else values[0]
    return DataElement(tag, vr, value or None, validation_mode=IGNORE)

"""What an identifier asks for, and whether it may (PS3.4 C.4.1.2, C.4.2.2, C.4.3.2).

Hierarchical by default: the unique keys of all levels above have one value each, and keys of
levels below have none. Two liberties are taken, since many clients take them: other keys of levels
above are matched and returned, too, and keys below that only ask for a value are left unsupported
rather than refused. Where relational behaviour was negotiated, any level may have keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag, Tag

from pynetdicom.apps.qrscp.matching import KeyValueError, Matcher, exactly, matchers_for
from pynetdicom.apps.qrscp.model import BY_TAG, UNIQUE_KEYS, Attribute, Level
from pynetdicom.apps.qrscp.text import SEPARATOR, text_of

QUERY_LEVEL: Final = Tag(0x00080052)
_CHARACTER_SET: Final = Tag(0x00080005)
_AVAILABILITY: Final = Tag(0x00080056)
_RETRIEVE_TITLE: Final = Tag(0x00080054)
# What is no key to be matched, or is answered without the index.
_NO_KEYS: Final = {QUERY_LEVEL, _CHARACTER_SET, _AVAILABILITY, _RETRIEVE_TITLE}


class IdentifierError(Exception):
    """An identifier does not fit its SOP class (status A900).

    Args:
        comment: Why, in the 64 characters that Error Comment (0000,0902) has.
        tag: Because of which element.
    """

    def __init__(self, comment: str, tag: BaseTag) -> None:
        super().__init__(comment)
        self.comment = comment
        self.tag = tag


@dataclass(frozen=True, slots=True)
class Condition:
    """A key that has a value: one of the matchers has to match."""

    attribute: Attribute
    matchers: tuple[Matcher, ...]

    def matches(self, value: str) -> bool:
        """Return whether a value of an object is what was asked for."""
        return any(matcher.matches(value) for matcher in self.matchers)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for.

    Attributes:
        level: Of what.
        conditions: All of them have to be true.
        returned: What is to be told of each match.
        is_supported: Whether all keys of the identifier are.
        asks_availability: Whether Instance Availability (0008,0056) is wanted.
    """

    level: Level
    conditions: tuple[Condition, ...]
    returned: tuple[Attribute, ...]
    is_supported: bool = True
    asks_availability: bool = False


def read_query(identifier: Dataset, levels: Sequence[Level], *, is_relational: bool) -> Query:
    """Return what the identifier of a C-FIND asks for.

    Args:
        identifier: What came.
        levels: Those of the information model, the highest first.
        is_relational: Whether relational queries were negotiated.

    Raises:
        IdentifierError: It does not fit.
    """
    level = _level(identifier, levels)
    if not is_relational:
        _check_above(identifier, levels, level)
    conditions, is_supported = [], True
    returned = {key: None for each, key in UNIQUE_KEYS.items() if each in levels and each <= level}
    for tag, attribute in _keys(identifier):
        if attribute is None:
            is_supported = False
            continue
        text = text_of(identifier, tag, attribute.vr)
        if attribute.level > level:
            if text and not is_relational:
                raise IdentifierError(f"{attribute.keyword} is a key below {level.name}", tag)
            is_supported = is_supported and bool(text)
        else:
            returned[attribute] = None
        conditions += _condition(attribute, text)
    is_asked = _AVAILABILITY in identifier
    return Query(level, tuple(conditions), tuple(returned), is_supported, is_asked)


def read_retrieval(identifier: Dataset, levels: Sequence[Level], *, is_relational: bool) -> Query:
    """Return which instances the identifier of a C-GET or C-MOVE asks for.

    Args:
        identifier: What came: unique keys and nothing else that could leave something out.
        levels: Those of the information model, the highest first.
        is_relational: Whether relational retrieval was negotiated.

    Raises:
        IdentifierError: It does not fit.
    """
    level = _level(identifier, levels)
    if not is_relational:
        _check_above(identifier, levels, level)
    unique = UNIQUE_KEYS[level]
    if not text_of(identifier, unique.tag, unique.vr):
        raise IdentifierError(f"{unique.keyword} is missing", unique.tag)
    conditions = []
    for tag, attribute in _keys(identifier):
        if not _has_value(identifier, tag):
            continue
        if attribute is None or UNIQUE_KEYS[attribute.level] != attribute:
            raise IdentifierError(f"{keyword_for_tag(tag) or tag} is no unique key", tag)
        if attribute.level > level:
            raise IdentifierError(f"{attribute.keyword} is a key below {level.name}", tag)
        text = text_of(identifier, tag, attribute.vr)
        conditions.append(Condition(attribute, _exactly(attribute, text)))
    return Query(level, tuple(conditions), ())


def _level(identifier: Dataset, levels: Sequence[Level]) -> Level:
    text = text_of(identifier, QUERY_LEVEL, "CS").strip()
    names = [level.name for level in levels]
    if text not in names:
        raise IdentifierError(f"QueryRetrieveLevel is none of {', '.join(names)}", QUERY_LEVEL)
    return Level[text]


def _check_above(identifier: Dataset, levels: Sequence[Level], level: Level) -> None:
    """See that each level above is determined (PS3.4 C.4.1.2.2.1)."""
    for above in levels:
        if above >= level:
            return
        key = UNIQUE_KEYS[above]
        text = text_of(identifier, key.tag, key.vr).strip()
        if not text:
            raise IdentifierError(f"{key.keyword} is missing", key.tag)
        has_wild_card = not set("*?").isdisjoint(text)
        if SEPARATOR in text or has_wild_card:
            raise IdentifierError(f"{key.keyword} above {level.name} must have one value", key.tag)


def _keys(identifier: Dataset) -> Iterator[tuple[BaseTag, Attribute | None]]:
    """Yield the keys of an identifier, ``None`` for those that the index does not have."""
    for tag in identifier.keys():  # noqa: SIM118  # iterating would decode the elements
        if tag.element and tag not in _NO_KEYS:
            yield tag, BY_TAG.get(tag)


def _has_value(identifier: Dataset, tag: BaseTag) -> bool:
    element = identifier.get_item(tag)
    return element is not None and bool(element.value)


def _condition(attribute: Attribute, text: str) -> list[Condition]:
    try:
        matchers = matchers_for(attribute, text)
    except KeyValueError as error:
        raise IdentifierError(f"{attribute.keyword}: {error}", attribute.tag) from error
    return [Condition(attribute, matchers)] if matchers else []


def _exactly(attribute: Attribute, text: str) -> tuple[Matcher, ...]:
    try:
        return exactly(attribute, text.split(SEPARATOR) if attribute.vr == "UI" else [text])
    except KeyValueError as error:
        raise IdentifierError(f"{attribute.keyword}: {error}", attribute.tag) from error

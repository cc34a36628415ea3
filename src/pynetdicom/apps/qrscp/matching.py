"""How a key of a query matches a value (PS3.4 C.2.2.2).

Values and keys are text. A matcher decides; what an index can leave out by itself beforehand is
its own affair. Choices that the standard leaves open:

- names match without regard to case, as a whole or by one of their component groups;
- a time of less precision matches all times it stands for: 1011 matches 101112;
- several values of a key are alternatives, as in a list of UIDs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynetdicom.apps.qrscp.model import Attribute
from pynetdicom.apps.qrscp.text import SEPARATOR, normal

_WILDCARD_VRS: Final = frozenset("AE CS LO LT PN SH ST UC UR UT".split())
_LONGEST_KEY: Final = 1024  # of one value, wildcards included
_UID: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
_LONGEST_UID: Final = 64

# The digits of a date or time; how many there are at most.
_WHOLE: Final = {"DA": 8, "TM": 12, "DT": 20}
_INSTANTS: Final = {
    "DA": re.compile(r"(?P<digits>\d{8})"),
    "TM": re.compile(r"(?P<digits>\d\d|\d{4}|\d{6})(\.(?P<fraction>\d{1,6}))?"),
    "DT": re.compile(
        r"(?P<digits>\d{4}|\d{6}|\d{8}|\d{10}|\d{12}|\d{14})(\.(?P<fraction>\d{1,6}))?"
        # From -1200 to +1400; a greater number behind a hyphen is the year that ends a range.
        r"(?P<offset>\+(0\d|1[0-4])[0-5]\d|-(0\d|1[0-2])[0-5]\d)?"
    ),
}


class KeyValueError(ValueError):
    """A key has a value that it cannot have; the message says which it is."""


def is_uid(text: str) -> bool:
    """Return whether a text is a UID (PS3.5 9.1); components that begin with 0 are let pass."""
    return len(text) <= _LONGEST_UID and _UID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Values:
    """Single value matching, and lists of UIDs (PS3.4 C.2.2.2.1, C.2.2.2.2)."""

    vr: str
    values: frozenset[str]

    def matches(self, value: str) -> bool:
        """Return whether a value of an object is one of these."""
        return not self.values.isdisjoint(comparable(self.vr, value))


@dataclass(frozen=True, slots=True)
class Pattern:
    """Wild card matching (PS3.4 C.2.2.2.4): ``*`` stands for any characters, ``?`` for one."""

    vr: str
    text: str

    @property
    def prefix(self) -> str:
        """What comes before the first wild card."""
        return re.split(r"[*?]", self.text, maxsplit=1)[0]

    def matches(self, value: str) -> bool:
        """Return whether a value of an object is like this."""
        return any(_is_like(each, self.text) for each in comparable(self.vr, value))


@dataclass(frozen=True, slots=True)
class Instant:
    """A date, a time or both, as far as it is known.

    Attributes:
        digits: From the year, or the hour, down to microseconds; fewer if it is less precise.
        offset: Minutes from UTC, ``None`` if that is not said.
    """

    digits: str
    offset: int | None = None

    def at(self, offset: int | None, width: int) -> str:
        """Return all its digits, on a clock with another offset if both are known."""
        if offset is None or self.offset is None or offset == self.offset:
            return self.digits.ljust(width, "0")
        earliest = self.digits + "00000101"[len(self.digits) : 8]
        moment = datetime.strptime(earliest.ljust(20, "0"), "%Y%m%d%H%M%S%f")
        return (moment + timedelta(minutes=offset - self.offset)).strftime("%Y%m%d%H%M%S%f")


@dataclass(frozen=True, slots=True)
class Range:
    """Range matching of dates and times (PS3.4 C.2.2.2.5); a single one is a range, too."""

    vr: str
    first: Instant | None
    last: Instant | None

    def matches(self, value: str) -> bool:
        """Return whether a value of an object is in this range, its ends included."""
        instants = (_instant(self.vr, each) for each in value.split(SEPARATOR))
        return any(instant is not None and self._has(instant) for instant in instants)

    def _has(self, instant: Instant) -> bool:
        width = _WHOLE[self.vr]
        try:
            if self.first and instant.at(self.first.offset, width) < self.first.digits:
                return False
            return not self.last or (
                instant.at(self.last.offset, width) <= self.last.digits.ljust(width, "9")
            )
        except (OverflowError, ValueError):  # a day that there is not
            return False


Matcher = Values | Pattern | Range


def matchers_for(attribute: Attribute, key: str) -> tuple[Matcher, ...]:
    """Return what a key has to match, alternatives; none if it matches whatever there is.

    Args:
        attribute: Which.
        key: Its value in the query.

    Raises:
        KeyValueError: It cannot have such a value.
    """
    vr = attribute.vr
    values = [value for each in key.split(SEPARATOR) if (value := each.strip(" \0"))]
    if any(len(value) > _LONGEST_KEY for value in values):
        raise KeyValueError(f"more than {_LONGEST_KEY} characters")
    if any(not value.strip("*") for value in values):
        return ()  # universal matching, of which clients know no limits of VR
    if vr in _WHOLE:
        return tuple(_range(vr, value) for value in values)
    patterns = [value for value in values if vr in _WILDCARD_VRS and re.search(r"[*?]", value)]
    exact = exactly(attribute, (value for value in values if value not in patterns))
    return (*exact, *(Pattern(vr, fold(vr, pattern)) for pattern in patterns))


def exactly(attribute: Attribute, values: Iterable[str]) -> tuple[Matcher, ...]:
    """Return a matcher for these values without wild cards; none if there are none.

    Raises:
        KeyValueError: One of them is none.
    """
    vr = attribute.vr
    accepted = set()
    for each in values:
        value = normal(vr, each)
        if not value or (vr == "UI" and not is_uid(value)):
            raise KeyValueError("not a UID" if vr == "UI" else f"not a value of VR {vr}")
        accepted.add(fold(vr, value))
    return (Values(vr, frozenset(accepted)),) if accepted else ()


def _range(vr: str, value: str) -> Range:
    value = normal(vr, value)
    single = _instant(vr, value)
    if single is not None:
        return Range(vr, single, single)
    for hyphen in re.finditer("-", value):
        before, behind = value[: hyphen.start()].strip(), value[hyphen.end() :].strip()
        first, last = _instant(vr, before), _instant(vr, behind)
        if (first or not before) and (last or not behind) and (first or last):
            return Range(vr, first, last)
    raise KeyValueError(f"not a value of VR {vr} or a range")


def _instant(vr: str, value: str) -> Instant | None:
    match = _INSTANTS[vr].fullmatch(value)
    if match is None:
        return None
    parts = match.groupdict()
    digits, fraction, offset = parts["digits"], parts.get("fraction"), parts.get("offset")
    if fraction and len(digits) < _WHOLE[vr] - 6:
        return None  # a fraction of what?
    minutes = None
    if offset:
        minutes = (int(offset[1:3]) * 60 + int(offset[3:])) * (-1 if offset[0] == "-" else 1)
    return Instant(digits + (fraction or ""), minutes)


def comparable(vr: str, value: str) -> set[str]:
    """Return the texts of which one has to match: each of several values, each way of a name."""
    texts = set()
    for each in value.split(SEPARATOR):
        folded = fold(vr, each)
        texts.add(folded)
        if vr == "PN":
            texts |= {group.rstrip("^ ") for group in folded.split("=") if group}
    return texts


def fold(vr: str, value: str) -> str:
    """Return a value without the differences that do not count for matching."""
    if vr == "PN":
        return value.casefold()
    if vr == "DS":
        return repr(float(value)) if value else ""
    return value


def _is_like(value: str, pattern: str) -> bool:
    """Match wild cards without ever going back: the time is that of looking for each part once."""
    first, *parts = pattern.split("*")
    if not parts:
        return len(first) == len(value) and _fits(value, first, 0)
    *middle, last = parts
    end = len(value) - len(last)
    if end < len(first) or not (_fits(value, first, 0) and _fits(value, last, end)):
        return False
    position = len(first)
    for part in middle:
        found = _find(value, part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def _find(value: str, part: str, start: int, end: int) -> int:
    if "?" not in part:
        return value.find(part, start, end)
    places = range(start, end - len(part) + 1)
    return next((place for place in places if _fits(value, part, place)), -1)


def _fits(value: str, part: str, place: int) -> bool:
    return all(wanted in ("?", value[place + number]) for number, wanted in enumerate(part))

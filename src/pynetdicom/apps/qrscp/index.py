"""The index: a table for each level, in SQLite by way of SQLAlchemy.

Queries are answered in two steps. SQL leaves out what cannot match and never more than that; the
matchers decide. So a wild card costs linear time, cases and component groups of names are where
Python knows them, and one place says what matches. Matches are read page by page, so that a slow
peer holds neither them nor a transaction.

The same series in two studies, or study of two patients, stands under each of them: an object is
always found by what it says itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import (
    URL,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from pynetdicom.apps.qrscp.archive import Entry, IndexFailedError, Instance
from pynetdicom.apps.qrscp.identifier import Condition, Query
from pynetdicom.apps.qrscp.matching import Matcher, Pattern, Range, Values, fold
from pynetdicom.apps.qrscp.model import (
    ATTRIBUTES,
    COLLECTED,
    COUNTED,
    STORED,
    UNIQUE_KEYS,
    Attribute,
    Level,
)
from pynetdicom.apps.qrscp.text import SEPARATOR

_VERSION: Final = 1  # of the tables
_PAGE: Final = 250
_MOST_VALUES: Final = 1000  # that SQL is given of a list; SQLite takes 32,766
_WAIT: Final = 30.0  # seconds for another process to finish what it writes

_INDEXED: Final = {"PatientID", "StudyInstanceUID", "StudyDate", "AccessionNumber"} | {
    UNIQUE_KEYS[level].keyword for level in Level
}
_Row = dict[str, Any]

_metadata = MetaData()
_version = Table("pynetdicom_archive", _metadata, Column("version", Integer))


def _columns(level: Level) -> Iterator[Column[Any]]:
    yield Column("id", Integer, primary_key=True)
    if level > Level.PATIENT:
        parent = ForeignKey(f"{Level(level - 1).name.lower()}.id")
        yield Column("parent", Integer, parent, nullable=False, index=True)
    for keyword in STORED[level]:
        yield Column(keyword, String, nullable=False, index=keyword in _INDEXED)
        if _is_folded(ATTRIBUTES[keyword]):
            yield Column(_folded(keyword), String, nullable=False)


def _is_folded(attribute: Attribute) -> bool:
    """Return whether values are kept as they are compared, too."""
    return attribute.vr == "PN" and not attribute.is_multiple


def _folded(keyword: str) -> str:
    return f"{keyword}Folded"


_TABLES: Final = {
    Level.PATIENT: Table(
        "patient",
        _metadata,
        # Objects without Patient ID are not all of one patient.
        Column("identity", String, nullable=False, unique=True),
        *_columns(Level.PATIENT),
    ),
    Level.STUDY: Table("study", _metadata, *_columns(Level.STUDY)),
    Level.SERIES: Table("series", _metadata, *_columns(Level.SERIES)),
    Level.IMAGE: Table(
        "image",
        _metadata,
        *_columns(Level.IMAGE),
        Column("file", String, nullable=False),
        Column("size", Integer, nullable=False),
        Column("digest", String, nullable=False),
    ),
}
_IMAGE: Final = _TABLES[Level.IMAGE]
_INSTANCE: Final = [
    _IMAGE.c[name]
    for name in (
        *("SOPClassUID", "SOPInstanceUID", "AvailableTransferSyntaxUID"),
        *("file", "size", "digest"),
    )
]


class SQLIndex:
    """An index in a SQLite database.

    Args:
        path: The file; it is made if it is not there.

    Raises:
        IndexFailedError: It cannot be made or read, or is the database of something else.
    """

    def __init__(self, path: Path) -> None:
        url = URL.create("sqlite", database=str(path))
        # As many connections as there are associations at work; no one waits for another's.
        self._engine = create_engine(url, connect_args={"timeout": _WAIT}, max_overflow=-1)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(writes=True)
        # Who writes waits here for others of this process: SQLite's own way is to try again and
        # again, which is slow and unfair. Nothing relies on it.
        self._lock = Lock()
        try:
            with self._writing() as connection:
                _make_tables(connection)
        except IndexFailedError:
            self.close()
            raise

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _mapped(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _mapped(), self._lock, self._writer.begin() as connection:
            yield connection

    def add(self, entry: Entry) -> Instance | None:
        """Make an object known, durably, instead of the one with its UID; return that one."""
        with self._writing() as connection:
            old = _row_of(connection, entry.instance.sop_instance_uid)
            if old is not None:
                connection.execute(delete(_IMAGE).where(_IMAGE.c.id == old["id"]))
            parent: int | None = None
            for level in (Level.PATIENT, Level.STUDY, Level.SERIES):
                parent = _parent(connection, level, parent, entry.values)
            instance = entry.instance
            row = _values(Level.IMAGE, entry.values) | {
                "parent": parent,
                "file": instance.file,
                "size": instance.size,
                "digest": instance.digest,
            }
            connection.execute(insert(_IMAGE).values(row))
            if old is None:
                return None
            _prune(connection, [old["parent"]])
        return _instance(old)

    def get(self, sop_instance_uid: str) -> Instance | None:
        """Return the object with a UID."""
        with self._reading() as connection:
            row = _row_of(connection, sop_instance_uid)
        return None if row is None else _instance(row)

    def find(self, query: Query) -> Iterator[list[Mapping[str, str]]]:
        """Yield the matches of a query page by page: what is to be returned, by keyword."""
        keywords = [attribute.keyword for attribute in query.returned]
        for rows in self._pages(query.level, query.conditions, query.returned):
            yield [{keyword: row[keyword] for keyword in keywords} for row in rows]

    def select(self, query: Query) -> Iterator[list[Instance]]:
        """Yield the instances below the matches of a query page by page."""
        for rows in self._pages(Level.IMAGE, query.conditions, (), _INSTANCE):
            yield [_instance(row) for row in rows]

    def remove(self, instances: Sequence[Instance]) -> None:
        """Forget objects, and the series, studies and patients that have no other."""
        with self._writing() as connection:
            for start in range(0, len(instances), _MOST_VALUES):
                files = [each.file for each in instances[start : start + _MOST_VALUES]]
                here = _IMAGE.c.file.in_(files)
                parents = connection.scalars(select(_IMAGE.c.parent).where(here).distinct()).all()
                connection.execute(delete(_IMAGE).where(here))
                _prune(connection, parents)

    def _pages(
        self,
        level: Level,
        conditions: Sequence[Condition],
        returned: Iterable[Attribute],
        columns: Iterable[Column[Any]] = (),
    ) -> Iterator[list[_Row]]:
        """Yield what is at a level and meets all conditions, by pages.

        Where there are conditions of a lower level, something there has to meet them.
        """
        asked = dict.fromkeys([*returned, *(condition.attribute for condition in conditions)])
        deepest = max([level, *(condition.attribute.level for condition in conditions)])
        stored = [_column(attribute) for attribute in asked if attribute.is_stored]
        worked_out = [attribute for attribute in asked if not attribute.is_stored]
        statement = _statement(deepest, conditions, dict.fromkeys([*stored, *columns]))
        last = 0
        seen: set[int] = set()
        while True:
            with self._reading() as connection:
                found = connection.execute(statement.where(_TABLES[deepest].c.id > last))
                rows = [dict(row) for row in found.mappings()]
                for attribute in worked_out:
                    _work_out(connection, attribute, rows)
            matches: dict[int, _Row] = {}
            for row in rows:
                if all(each.matches(row[each.attribute.keyword]) for each in conditions):
                    matches.setdefault(row[_id(level)], row)
            yield [row for number, row in matches.items() if number not in seen]
            if len(rows) < _PAGE:
                return
            last = rows[-1][_id(deepest)]
            if deepest > level:
                seen |= matches.keys()


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise IndexFailedError(str(reason)) from error


def _prepare(connection: Any, record: object) -> None:
    """Set up a new connection: what is committed is on the disk, and readers do not wait."""
    del record
    connection.isolation_level = None  # transactions begin when we say so
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # Who is going to write says so at once: two that have read first could not both go on.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_tables(connection: Connection) -> None:
    present = inspect(connection).get_table_names()
    if not present:
        _metadata.create_all(connection)
        connection.execute(insert(_version).values(version=_VERSION))
    elif _version.name not in present:
        raise IndexFailedError("it is the database of something else")
    elif connection.scalar(select(_version.c.version)) != _VERSION:
        raise IndexFailedError("it was made by another version of this program")


def _row_of(connection: Connection, sop_instance_uid: str) -> _Row | None:
    statement = select(_IMAGE).where(_IMAGE.c.SOPInstanceUID == sop_instance_uid)
    row = connection.execute(statement).mappings().first()
    return None if row is None else dict(row)


def _instance(row: Mapping[str, Any]) -> Instance:
    return Instance(
        row["SOPClassUID"],
        row["SOPInstanceUID"],
        row["AvailableTransferSyntaxUID"],
        row["file"],
        row["size"],
        row["digest"],
    )


def _values(level: Level, values: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {keyword: values[keyword] for keyword in STORED[level]}
    for keyword in STORED[level]:
        if _is_folded(ATTRIBUTES[keyword]):
            row[_folded(keyword)] = fold("PN", values[keyword])
    return row


def _parent(
    connection: Connection, level: Level, parent: int | None, values: Mapping[str, str]
) -> int:
    """Return the ID of the patient, study or series of an object, made if it is not there.

    What several objects say differently stands as the last one said it, unless it said nothing.
    """
    table, row = _TABLES[level], _values(level, values)
    if level is Level.PATIENT:
        row["identity"] = values["PatientID"] or f"{SEPARATOR}{values['StudyInstanceUID']}"
        here = table.c.identity == row["identity"]
    else:
        row["parent"] = parent
        unique = UNIQUE_KEYS[level].keyword
        here = (table.c.parent == parent) & (table.c[unique] == values[unique])
    present = connection.execute(select(table).where(here)).mappings().first()
    if present is None:
        return connection.execute(insert(table).values(row)).lastrowid
    changed = {name: value for name, value in row.items() if value and value != present[name]}
    if changed:
        connection.execute(update(table).where(here).values(changed))
    return int(present["id"])


def _prune(connection: Connection, series: Sequence[int]) -> None:
    """Delete these series, and what is above them, where nothing is below any more."""
    numbers = series
    for level in (Level.SERIES, Level.STUDY, Level.PATIENT):
        table, below = _TABLES[level], _TABLES[Level(level + 1)]
        is_empty = ~select(below.c.id).where(below.c.parent == table.c.id).exists()
        empty = table.c.id.in_(numbers) & is_empty
        above = select(table.c.parent).where(empty).distinct() if level else None
        parents = [] if above is None else connection.scalars(above).all()
        connection.execute(delete(table).where(empty))
        numbers = parents


def _id(level: Level) -> str:
    return f"id of {level.name}"


def _column(attribute: Attribute) -> Column[Any]:
    return _TABLES[attribute.level].c[attribute.keyword]


def _joined(last: Level) -> FromClause:
    """Return a level with all above it, from below: in the order of its IDs."""
    joined: FromClause = _TABLES[last]
    for number in range(last, Level.PATIENT, -1):
        above, below = _TABLES[Level(number - 1)], _TABLES[Level(number)]
        joined = joined.join(above, below.c.parent == above.c.id)
    return joined


def _statement(
    deepest: Level, conditions: Iterable[Condition], columns: Iterable[Column[Any]]
) -> Select[Any]:
    """Return what asks for a page of a level, without much that does not match."""
    levels = [Level(number) for number in range(deepest + 1)]
    numbers = [_TABLES[level].c.id.label(_id(level)) for level in levels]
    statement = select(*numbers, *columns).select_from(_joined(deepest))
    for condition in conditions:
        clauses = [_clause(condition.attribute, matcher) for matcher in condition.matchers]
        known = [clause for clause in clauses if clause is not None]
        if len(known) == len(clauses):
            statement = statement.where(or_(*known))
    return statement.order_by(_TABLES[deepest].c.id).limit(_PAGE)


def _clause(attribute: Attribute, matcher: Matcher) -> ColumnElement[bool] | None:
    """Return what is true of all that a matcher matches, ``None`` for what SQL cannot tell."""
    if not attribute.is_stored or attribute.is_multiple or attribute.vr == "DS":
        return None
    table = _TABLES[attribute.level]
    column = table.c[_folded(attribute.keyword) if attribute.vr == "PN" else attribute.keyword]
    clause: ColumnElement[bool] | None = None
    match matcher:
        case Values(_, values) if len(values) <= _MOST_VALUES:
            clause = column.in_(sorted(values))
        case Pattern():
            clause = column.startswith(matcher.prefix, autoescape=True)
        case Range("DA", first, last):
            # As text: a date of the index is eight digits, or nothing that is in any range.
            clause = column >= (first.digits if first else "")
            clause = clause & (column <= last.digits) if last else clause
    if clause is not None and attribute.vr == "PN":
        clause = clause | column.contains("=")  # another component group may match
    return clause


def _work_out(connection: Connection, attribute: Attribute, rows: Sequence[_Row]) -> None:
    """Add an attribute that objects do not have to rows."""
    keyword = attribute.keyword
    numbers = {row[_id(attribute.level)] for row in rows}
    known = (_counts if keyword in COUNTED else _collections)(connection, keyword, numbers)
    for row in rows:
        row[keyword] = known.get(row[_id(attribute.level)], "")


def _counts(connection: Connection, keyword: str, numbers: Iterable[int]) -> dict[int, str]:
    level, lowest = COUNTED[keyword]
    upper, lower = _TABLES[level].c.id, _TABLES[lowest].c.id
    statement = select(upper, func.count(lower)).select_from(_joined(lowest))
    found = connection.execute(statement.where(upper.in_(numbers)).group_by(upper))
    return {number: str(count) for number, count in found}


def _collections(connection: Connection, keyword: str, numbers: Iterable[int]) -> dict[int, str]:
    level, lowest, source = COLLECTED[keyword]
    upper, column = _TABLES[level].c.id, _TABLES[lowest].c[source]
    statement = select(upper, column).distinct().select_from(_joined(lowest))
    collected: dict[int, list[str]] = {}
    found = statement.where(upper.in_(numbers), column != "").order_by(upper, column)
    for number, value in connection.execute(found):
        collected.setdefault(number, []).append(value)
    return {number: SEPARATOR.join(values) for number, values in collected.items()}

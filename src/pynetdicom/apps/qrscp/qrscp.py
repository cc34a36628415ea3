"""`qrscp`: a small archive. It keeps objects, answers queries and gives back what it has."""

import argparse
import logging
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, evt
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import cannot_write
from pynetdicom.apps._output import Tell, count_text, make_tell, plain, setup_logging
from pynetdicom.apps._running import run
from pynetdicom.apps._serving import serve
from pynetdicom.apps.echoscp.echoscp import handle_echo
from pynetdicom.apps.qrscp.archive import Archive, IndexFailedError
from pynetdicom.apps.qrscp.folder import Folder
from pynetdicom.apps.qrscp.handlers import EVERYTHING, Service
from pynetdicom.apps.qrscp.model import ALWAYS_EMPTY, FIND, GET, MOVE
from pynetdicom.apps.qrscp.settings import Settings, SettingsError, bundled_lines, read_settings
from pynetdicom.sop_class import Verification

EXAMPLES = """\
examples:
  pynetdicom qrscp
  pynetdicom qrscp --port 11114 -ba 127.0.0.1 --instance-location images -v
  pynetdicom qrscp -c archive.ini
  pynetdicom qrscp -c archive.ini --clean

The configuration, where nothing else is said:

{}

Each section behind the first is an AE to which objects may be moved (C-MOVE). Options have
precedence. Relative paths begin at the current folder.

exit status: 0 it was told to end, or all is deleted; 1 it cannot listen, or use its folder or
database; 2 the arguments or the configuration make no sense
"""

_MAXIMUM_ASSOCIATIONS: Final = 100


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args, settings = _parse(parser, words)
    ssl_context = _arguments.server_tls(parser, args)
    logger, tell = setup_logging(args, "qrscp"), make_tell(args)
    for what in settings.ignored:
        logger.warning("%s: %s means nothing here", plain(args.config), plain(what))
    archive = _open(args, logger)
    if archive is None:
        return 1
    try:
        if args.clean:
            return _clean(archive, logger, tell)
        service = Service(archive, args.ae_title, settings.destinations, logger)
        handlers = [*service.handlers, (evt.EVT_C_ECHO, handle_echo, [logger])]
        what = f"archives into {plain(os.path.abspath(args.instance_location))}"
        return serve(_make_ae(args), args, handlers, ssl_context, logger, tell, what=what)
    finally:
        archive.index.close()


def _parser() -> argparse.ArgumentParser:
    parser = _arguments.make_parser(
        "qrscp",
        "",
        "Keep objects (C-STORE), answer queries (C-FIND), give back (C-GET, C-MOVE): an archive.",
        EXAMPLES.format(bundled_lines()),
    )
    parser.add_argument(
        "-c", "--config", metavar="FILE", type=Path, help="the configuration (default: see below)"
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=_arguments.listening_port,
        help="the TCP port to listen on; 0 takes a free one and tells which (default 11112)",
    )
    _arguments.add_own_title(parser, "QRSCP")
    group = parser.add_argument_group("archive options")
    group.add_argument(
        "--database-location",
        metavar="FILE",
        type=Path,
        help="the index, a SQLite database; made if it is not there",
    )
    group.add_argument(
        "--instance-location",
        metavar="FOLDER",
        type=Path,
        help="where to keep the objects; made if it is not there",
    )
    group.add_argument(
        "--clean", action="store_true", help="delete all objects and empty the index, then end"
    )
    _arguments.add_network(parser)
    _arguments.add_tls(parser, is_server=True)
    return parser


def _parse(
    parser: argparse.ArgumentParser, words: Sequence[str] | None
) -> tuple[argparse.Namespace, Settings]:
    """Return the options, with the values of the configuration for those not given."""
    config = parser.parse_args(words).config
    try:
        settings = read_settings(config)
    except OSError as error:
        parser.error(f"--config {config}: {error.strerror or error}")
    except SettingsError as error:
        parser.error(str(error))
    parser.set_defaults(**settings.values)
    return parser.parse_args(words), settings


def _open(args: argparse.Namespace, logger: logging.Logger) -> Archive | None:
    """Return the archive as it was left, put in order; say why if that is impossible."""
    try:
        # Not above: it needs SQLAlchemy, and who reads the help need not have that.
        make_index = import_module("pynetdicom.apps.qrscp.index").SQLIndex
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
            raise
        logger.error(
            "The index of the archive needs SQLAlchemy, which is not installed\n"
            '   python -m pip install "sqlalchemy>=2"'
        )
        return None
    database, folder = args.database_location, args.instance_location
    try:
        files = Folder(folder)
        database.parent.mkdir(parents=True, exist_ok=True)
        archive = Archive(make_index(database), files, logger)
    except OSError as error:
        logger.error("Nothing can be kept in %s: %s", plain(error.filename), cannot_write(error))
    except IndexFailedError as error:
        logger.error("%s cannot be the index: %s", plain(database), error)
    else:
        return archive if _reconciled(archive, logger) else None
    return None


def _reconciled(archive: Archive, logger: logging.Logger) -> bool:
    """See to what an interruption has left; say so if that is impossible."""
    try:
        archive.reconcile(EVERYTHING)
    except (OSError, IndexFailedError) as error:
        logger.error("The archive cannot be put in order: %s", error)
        archive.index.close()
        return False
    return True


def _clean(archive: Archive, logger: logging.Logger, tell: Tell) -> int:
    try:
        count = archive.clean(EVERYTHING)
    except OSError as error:
        what = f"{plain(error.filename)} cannot be deleted: {cannot_write(error)}"
    except IndexFailedError as error:
        what = f"the index cannot be emptied: {error}"
    else:
        tell(f"deleted {count_text(count, 'instance')}")
        return 0
    logger.error("Not all is deleted: %s", what)
    return 1


def _make_ae(args: argparse.Namespace) -> AE:
    ae = _arguments.make_ae(args.ae_title, args)
    ae.maximum_associations = _MAXIMUM_ASSOCIATIONS
    uncompressed = (_arguments.EXPLICIT, _arguments.BIG_ENDIAN, _arguments.IMPLICIT)
    syntaxes = list(dict.fromkeys([*uncompressed, *ALL_TRANSFER_SYNTAXES]))
    for context in _arguments.storage_contexts():
        # In a C-GET the one who asks receives, so we have to be either.
        ae.add_supported_context(
            context.abstract_syntax or "", syntaxes, scu_role=True, scp_role=True
        )
    for sop_class in (Verification, *FIND, *GET, *MOVE, *ALWAYS_EMPTY):
        ae.add_supported_context(sop_class)
    return ae


if __name__ == "__main__":
    run(main)

"""`findscu`: ask a node which patients, studies, series, objects or tasks it has (C-FIND)."""

import argparse
import logging
from collections.abc import Sequence

from pydicom import Dataset
from pydicom.uid import UID

from pynetdicom import Association
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import cannot_write, cause_of
from pynetdicom.apps._matches import (
    Sink,
    add_outputs,
    is_writable,
    make_sinks,
    readable,
    uses_standard_output,
)
from pynetdicom.apps._output import (
    Bar,
    Tell,
    errors_held,
    make_tell,
    plain,
    progress,
    setup_logging,
)
from pynetdicom.apps._parser import Parser
from pynetdicom.apps._query import (
    INTERRUPTED,
    MESSAGE_ID,
    QUERY_EXTENSIONS,
    add_query,
    add_strict,
    cancelled_by_ctrl_c,
    category_of,
    extended_negotiation,
    identifier,
    is_usable,
    judge,
    model,
)
from pynetdicom.apps._requesting import Requestor, add_requesting, ended
from pynetdicom.apps._running import run
from pynetdicom.status import STATUS_PENDING

EXAMPLES = """\
examples:
  pynetdicom findscu 127.0.0.1 11112 -S -k QueryRetrieveLevel=STUDY \\
      -k "PatientName=CITIZEN*" -k StudyDate -k StudyInstanceUID
  pynetdicom findscu ris.example.org 104 -W -k PatientName \\
      -k "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=20300131"
  pynetdicom findscu 127.0.0.1 11112 -k QueryRetrieveLevel=PATIENT -k PatientID --json | jq .
  pynetdicom findscu 127.0.0.1 11112 -f keys.dcm --csv patients.csv

Matches are a table on a terminal that is wide enough, and a list elsewhere. Without FILE, --json
and --csv go to standard output; put them behind HOST PORT.

exit status: 0 the node answered; 1 it did not, it cannot be asked that, an output cannot be written,
or --strict was given and the node reports a failure; 2 the arguments make no sense; 130 Ctrl-C
ended it
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "findscu"), make_tell(args)
    keys, uid = identifier(args, logger), model(args, "Find")
    if keys is None or not is_writable(args, logger):
        return 1
    search = Search(args, logger, make_sinks(args, keys, uid, logger, tell))
    ae = _arguments.make_ae(args.calling_aet, args)
    ae.add_requested_context(uid)
    try:
        with errors_held() as errors, progress(args, what="answer") as bar:
            assoc = requestor.associate(
                ae,
                logger,
                ext_neg=extended_negotiation(args, QUERY_EXTENSIONS, uid),
            )
            if not is_usable(assoc, args, QUERY_EXTENSIONS, uid, errors, logger):
                return 1
            status = search.run(assoc, keys, uid, errors, bar)
        search.end(tell)
    except BrokenPipeError:
        raise  # who reads our output has seen enough
    except OSError as error:
        logger.error("%s: %s", plain(error.filename), cannot_write(error))
        return 1
    return status


def _parser() -> Parser:
    parser = _arguments.make_parser(
        "findscu",
        "HOST PORT -k KEY[=VALUE] ...",
        "Ask a DICOM node which patients, studies, series, objects or tasks it has (C-FIND).",
        EXAMPLES,
    )
    _arguments.add_peer(parser)
    _arguments.add_titles(parser, "FINDSCU")
    add_query(parser, QUERY_EXTENSIONS, has_work_items=True)
    add_outputs(parser)
    add_strict(parser, "the node reports a failure")
    add_requesting(parser)
    return parser


class Search:
    """A query, and what comes of it.

    Args:
        args: The options.
        logger: The program's.
        sinks: What takes the matches.
    """

    def __init__(
        self, args: argparse.Namespace, logger: logging.Logger, sinks: Sequence[Sink]
    ) -> None:
        self._args = args
        self._logger = logger
        self._sinks = sinks
        self._found = 0

    def run(
        self,
        assoc: Association,
        keys: Dataset,
        uid: UID,
        errors: list[logging.LogRecord],
        bar: Bar,
    ) -> int:
        """Ask, hand over what comes, and end the association; return the exit status."""
        final = Dataset()
        try:
            with ended(assoc, self._logger), cancelled_by_ctrl_c(assoc, uid, self._logger):
                for final, match in assoc.send_c_find(keys, uid, MESSAGE_ID):
                    if category_of(final) == STATUS_PENDING:
                        self._take(match)
                        bar.advance()
                assoc.release()
        except ValueError as error:
            self._logger.error("The keys cannot be sent: %s", plain(cause_of(errors) or error))
            return 1
        except KeyboardInterrupt:
            return INTERRUPTED
        return judge(final, uid, "C-FIND", errors, self._args, self._logger)

    def _take(self, match: Dataset | None) -> None:
        self._found += 1
        if match is None:
            self._logger.error("Match %s cannot be decoded: it is left out", self._found)
            return
        readable(match, self._logger)
        for sink in self._sinks:
            sink.add(match)

    def end(self, tell: Tell) -> None:
        """Finish the outputs, and say how many matches there were."""
        for sink in self._sinks:
            sink.end()
        say = self._logger.info if uses_standard_output(self._args) else tell
        say(f"{self._found:,} match{'' if self._found == 1 else 'es'}")


if __name__ == "__main__":
    run(main)

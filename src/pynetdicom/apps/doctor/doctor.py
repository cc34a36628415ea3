"""`doctor`: find out why a node does not do what it should."""

import argparse
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from pynetdicom.apps import _arguments
from pynetdicom.apps._output import Tell, make_tell, plain, setup_logging
from pynetdicom.apps._parser import Parser
from pynetdicom.apps._requesting import Requestor, add_requesting
from pynetdicom.apps._running import run
from pynetdicom.apps.doctor._finding import Finding
from pynetdicom.apps.doctor._line import examine_connection, examine_tls
from pynetdicom.apps.doctor._negotiation import Negotiator, Offer, all_offers

EXAMPLES = """\
examples:
  pynetdicom doctor 127.0.0.1 11112
  pynetdicom doctor pacs.example.org 104 -aet MODALITY -aec ARCHIVE
  pynetdicom doctor pacs --json       (pacs is in the configuration file)

It looks up the name, connects, shakes hands if TLS is asked for, asks for an association, sends
echoes, and asks for more associations, which tell what SOP classes and transfer syntaxes the peer
accepts. Nothing is stored, queried or changed there.

exit status: 0 all is well; 1 something does not work; 2 the arguments make no sense
"""

_MARKS = {True: "ok", False: "no", None: "--"}
_COLOURS = {True: "\x1b[32m", False: "\x1b[1;31m", None: "\x1b[2m"}
_PLAIN = "\x1b[0m"
_INDENT = 22  # characters before what was found

_WIDEST_INDENT = 44
_FEW = 6  # SOP classes that are named one by one, though all others are


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _parser()
    args = parser.parse_args(words)
    requestor = Requestor(parser, args)
    logger, tell = setup_logging(args, "doctor"), make_tell(args)
    offers = all_offers()
    findings: list[Finding] = []
    for finding in _examine(requestor, Negotiator(requestor, logger), offers):
        findings.append(finding)
        if not args.json:
            _show(finding, tell)
    is_well = all(finding.is_good is not False for finding in findings)
    if args.json:
        tell(json.dumps(_as_json(args, findings, offers, is_well=is_well), indent=2))
    elif any(offer.syntaxes for offer in offers):
        for line in services_table(offers):
            tell(line)
    return 0 if is_well else 1


def _parser() -> Parser:
    parser = _arguments.make_parser(
        "doctor", "HOST PORT", "Find out what a DICOM node does, and why it does not.", EXAMPLES
    )
    _arguments.add_peer(parser)
    _arguments.add_titles(parser, "DOCTOR")
    group = parser.add_argument_group("examination")
    group.add_argument("--json", action="store_true", help="print JSON: all details, for programs")
    group.add_argument(
        "--quick",
        action="store_true",
        help="ask about uncompressed transfer syntaxes alone: a few associations, not dozens",
    )
    group.add_argument(
        "--echoes",
        metavar="N",
        type=_arguments.times,
        default=5,
        help="how many echoes to measure (default 5)",
    )
    add_requesting(parser)
    return parser


def _examine(
    requestor: Requestor, negotiator: Negotiator, offers: Sequence[Offer]
) -> Iterator[Finding]:
    """Examine one layer after the other, as long as they carry the next."""
    args = requestor.args
    stages: list[Callable[[], Iterator[Finding]]] = [lambda: examine_connection(args)]
    if requestor.tls_args is not None:
        tls_args = requestor.tls_args
        stages.append(lambda: examine_tls(args, tls_args))
    stages.append(negotiator.examine_association)
    stages.append(lambda: negotiator.examine_contexts(offers, is_quick=args.quick))
    for stage in stages:
        is_carrying = True
        for finding in stage():
            # An echo may be refused where all else is not.
            is_carrying &= finding.is_good is not False or finding.name == "echo"
            yield finding
        if not is_carrying:
            return


def _show(finding: Finding, tell: Tell) -> None:
    mark = _MARKS[finding.is_good]
    name = f"{mark:<4}{finding.name:<{_INDENT - 4}}"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        name = f"{_COLOURS[finding.is_good]}{mark}{_PLAIN}{name[len(mark) :]}"
    tell(f"{name}{finding.text}")
    for hint in finding.hints:
        tell(f"{' ' * _INDENT}{hint}")


def services_table(offers: Sequence[Offer]) -> Iterator[str]:
    """Return lines: of each service what is accepted, in which transfer syntaxes."""
    yield ""
    yield f"{'service':<30}{'accepted':<14}transfer syntaxes"
    refused = []
    for service in dict.fromkeys(offer.service for offer in offers):
        members = [offer for offer in offers if offer.service == service]
        accepted = [offer for offer in members if offer.syntaxes]
        if not accepted:
            refused.append(service)
            continue
        yield from _service_lines(service, members, len(accepted))
    if refused:
        yield from _wrapped("not accepted:  ", ", ".join(refused))


def _service_lines(service: str, members: Sequence[Offer], accepted: int) -> Iterator[str]:
    groups: dict[str, list[Offer]] = {}
    refused: list[Offer] = []
    for offer in members:
        syntaxes = _syntaxes_text(offer)
        (groups.setdefault(syntaxes, []) if syntaxes else refused).append(offer)
    first = f"{service:<30}{f'{accepted} of {len(members)}':<14}"
    if len(groups) == 1:
        yield from _wrapped(first, *groups)
    else:
        yield first.rstrip()
        for syntaxes, group in sorted(groups.items(), key=lambda item: len(item[1])):
            is_rest = len(group) > _FEW and group == max(groups.values(), key=len)
            names = "all others" if is_rest else _names(group)
            yield from _wrapped(f"    {names}:  ", syntaxes)
    if refused and len(refused) <= accepted:
        yield from _wrapped("    not accepted:  ", _names(refused))
    elif refused and len(groups) == 1:
        yield from _wrapped("    these alone:  ", _names(*groups.values()))


def _syntaxes_text(offer: Offer) -> str:
    if len(offer.syntaxes) == offer.asked > _FEW:
        return f"all {offer.asked} that were asked about"
    return ", ".join(syntax.name for syntax in offer.syntaxes)


def _names(offers: Iterable[Offer]) -> str:
    return ", ".join(plain(offer.sop_class.name) for offer in offers)


def _wrapped(first: str, text: str) -> Iterable[str]:
    """Return lines of a text behind its beginning, and indented like it if that is short."""
    indent = " " * (len(first) if len(first) <= _WIDEST_INDENT else 8)
    width = max(shutil.get_terminal_size().columns, 2 * _WIDEST_INDENT)
    return textwrap.wrap(
        first + text,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _as_json(
    args: argparse.Namespace,
    findings: Sequence[Finding],
    offers: Sequence[Offer],
    *,
    is_well: bool,
) -> dict[str, object]:
    return {
        "ok": is_well,
        "host": args.addr,
        "port": args.port,
        "calling_ae_title": args.calling_aet,
        "called_ae_title": args.called_aet,
        "findings": [finding.as_json() for finding in findings],
        "sop_classes": [offer.as_json() for offer in offers],
    }


if __name__ == "__main__":
    run(main)

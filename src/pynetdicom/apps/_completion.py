"""Completion of the words of a command line: a shell starts the program and asks it for them."""

import argparse
import os
from collections.abc import Iterable

from pynetdicom.apps._parser import COMPLETING


def complete_program(programs: Iterable[str]) -> list[str]:
    """Return the program whose parser knows what the words may be; print those of the first.

    argcomplete passes what is typed in the environment, the arguments are empty.

    Args:
        programs: What there is.
    """
    import argcomplete  # noqa: PLC0415  # an extra, wanted by shells alone
    from argcomplete.lexers import split_line  # noqa: PLC0415  # the same

    typed = os.environ.get("COMP_LINE", "")
    _, _, _, words, _ = split_line(typed, int(os.environ.get("COMP_POINT", len(typed))))
    names = list(programs)
    if len(words) > 1 and words[1] in names:
        os.environ[COMPLETING] = "2"  # the words begin with the second one: the program's parser
        return [words[1]]
    parser = argparse.ArgumentParser(prog="pynetdicom")
    parser.add_argument("program", choices=names)
    parser.add_argument("--version", action="store_true")
    argcomplete.autocomplete(parser, always_complete_options=False)
    raise AssertionError("autocomplete ends the program")

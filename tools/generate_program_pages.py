"""Write what `--help` says into the pages of the programs, `docs/reference/programs/*.md`.

Of each page, the block between `<!-- generated: begin help -->` and `<!-- generated: end -->` is
written here; what stands below it is written by hand.

    python tools/generate_program_pages.py           rewrite the blocks, make pages that are missing
    python tools/generate_program_pages.py --check   exit with 1 and a diff if one is out of date
"""

import argparse
import difflib
import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout, suppress
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH = "90"  # characters of a line: what fits on a page

BEGIN, END = "<!-- generated: begin help -->", "<!-- generated: end -->"


def help_of(name: str) -> str:
    """Return what a program says when it is asked for help."""
    program = import_module(f"pynetdicom.apps.{name}")
    printed = io.StringIO()
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = WIDTH
    try:
        with redirect_stdout(printed), suppress(SystemExit):
            program.main(["--help"])
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
    return printed.getvalue()


def render(help_text: str) -> Iterator[str]:
    """Give the lines of a block: description, usage and options, examples, exit status."""
    usage, description, *groups = help_text.strip().split("\n\n")
    yield from (description, "", "```text", usage)
    options = [group for group in groups if re.match(r"[^\n]+:\n  +-|positional", group)]
    for group in options:
        yield from ("", group)
    yield from ("```", "")
    for paragraph in groups:
        if paragraph in options:
            continue
        if paragraph.startswith("examples:\n"):
            yield from ("## Examples", "", "```console")
            for line in paragraph.splitlines()[1:]:
                yield re.sub(r"^  (?=\S)", "$ ", line)
            yield from ("```", "")
        elif paragraph.startswith("exit status: "):
            yield from _exit_status(paragraph)
        elif re.match(r"[^\n]+:\n  ", paragraph):
            title, *lines = paragraph.splitlines()
            yield from (f"{title[0].upper()}{title[1:]}", "", "```text")
            yield from (line.removeprefix("  ") for line in lines)
            yield from ("```", "")
        else:
            yield from (paragraph, "")


def _exit_status(paragraph: str) -> Iterator[str]:
    yield from ("## Exit status", "", "| Status | |", "| --- | --- |")
    words = " ".join(paragraph.removeprefix("exit status: ").split())
    for entry in re.split(r"; (?=\d)", words):
        number, _, meaning = entry.partition(" ")
        yield f"| {number} | {meaning} |"
    yield ""


def updated(page: str, name: str, help_text: str) -> str:
    """Return a page with its block written anew.

    Raises:
        ValueError: It has no block.
    """
    page = page or f"# {name}\n\n{BEGIN}\n{END}\n"
    block = "\n".join([BEGIN, "", *render(help_text), END])
    if BEGIN not in page or END not in page:
        raise ValueError(f"the page of {name} has no line {BEGIN}, or none {END}")
    return re.sub(rf"{BEGIN}.*?{END}", lambda _: block, page, count=1, flags=re.DOTALL)


def main(arguments: Sequence[str] | None = None, folder: Path | None = None) -> int:
    """Write the blocks or, with `--check`, show how they differ; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the pages of the programs.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if out of date")
    check = parser.parse_args(arguments).check
    sys.path.insert(0, str(ROOT / "src"))
    programs = import_module("pynetdicom.__main__").PROGRAMS
    folder = folder or ROOT / "docs" / "reference" / "programs"

    differences = 0
    for name in programs:
        path = folder / f"{name}.md"
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        new = updated(old, name, help_of(name))
        differences += new != old
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(
                    old.splitlines(keepends=True),
                    new.splitlines(keepends=True),
                    f"{path.name} (out of date)",
                    f"{path.name} (by --help)",
                )
            )
        else:
            path.write_text(new, encoding="utf-8")
    return 1 if check and differences else 0


if __name__ == "__main__":
    sys.exit(main())

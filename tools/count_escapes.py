"""Count the ways around the checkers: casts, `type: ignore` and `noqa`. `dev.py escapes` runs it.

Each of them must give its reason in a comment on its own line. The numbers may only fall.
"""

import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKED = ("src", "tests", "tools", "benchmarks", "docs", "dev.py")

# A reason is whatever the comment says besides the directives themselves.
DIRECTIVES = {
    "type: ignore": re.compile(r"#\s*type:\s*ignore(\[[^]]*\])?"),
    "noqa": re.compile(r"#\s*noqa(:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*)?"),
}


@dataclass(frozen=True, slots=True)
class Escape:
    """One way around a checker, at one place."""

    kind: str
    place: str
    reasoned: bool


def escapes_in(path: Path) -> Iterator[Escape]:
    """Find the escapes of one Python file."""
    with tokenize.open(path) as source:
        tokens = list(tokenize.generate_tokens(source.readline))
    remarks = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    for token, after in pairwise(tokens):
        if (token.type, token.string, after.string) == (tokenize.NAME, "cast", "("):
            line = token.start[0]
            yield Escape("cast", f"{path}:{line}", has_reason(remarks.get(line, "")))
    for line, remark in remarks.items():
        for kind, directive in DIRECTIVES.items():
            if directive.search(remark):
                yield Escape(kind, f"{path}:{line}", has_reason(remark))


def has_reason(remark: str) -> bool:
    """Tell whether a comment says something in words besides its directives."""
    for directive in DIRECTIVES.values():
        remark = directive.sub("", remark)
    return re.search(r"[^\W\d_]{2}", remark) is not None


def checked_files() -> Iterator[Path]:
    """Yield each Python file of the project."""
    for name in CHECKED:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def main() -> int:
    """Print the escapes without a reason, then the counts; return how the process shall end."""
    escapes = [escape for path in checked_files() for escape in escapes_in(path)]
    bare = [escape for escape in escapes if not escape.reasoned]
    for escape in bare:
        print(f"{escape.place}: {escape.kind} without a reason on its line")
    counts = Counter(escape.kind for escape in escapes)
    kinds = ("cast", *DIRECTIVES)
    print(", ".join(f"{kind}: {counts[kind]}" for kind in kinds) + f"; {len(bare)} unexplained")
    return 1 if bare else 0


if __name__ == "__main__":
    sys.exit(main())

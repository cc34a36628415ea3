"""Run a program that was written for an older system: `python -m pynetdicom.compat`."""

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from pynetdicom.compat import SYSTEMS, install


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a script as Python would, with the names of an older system."""
    releases = "; ".join(f"{name} stands for {release}" for name, release in SYSTEMS.items())
    parser = argparse.ArgumentParser(
        prog="python -m pynetdicom.compat",
        description="Run a program that was written for an older system, as it is.",
        epilog=f"{releases}.",
    )
    parser.add_argument("system", choices=SYSTEMS, help="what the program was written for")
    parser.add_argument("script", type=Path, help="the program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the program's own arguments")
    given = parser.parse_args(arguments)
    if not given.script.exists():
        parser.error(f"there is no program {given.script}")
    install(given.system)
    sys.argv[:] = [str(given.script), *given.arguments]
    # Its neighbours can be imported, as if Python had been started with it.
    sys.path[0] = str(given.script if given.script.is_dir() else given.script.resolve().parent)
    runpy.run_path(str(given.script), run_name="__main__")


if __name__ == "__main__":
    main()

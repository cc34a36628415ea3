"""The workshop: one command for whatever a user or a contributor does with a clone.

`python3 dev.py demo` and `python3 dev.py test` need Python 3.11 and nothing else: commands make the
virtual environment they need, and renew it when `pyproject.toml` has changed. This file imports the
standard library alone, and parses on older Pythons so that it can tell them what is wrong.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # whoever runs this file may have an older Python
    sys.exit("pynetdicom needs Python 3.11 or later, this is " + sys.version.split()[0])

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".venv"
PEERS = ROOT / ".peers"
EVERYTHING = "apps,dev,docs"
PYTHONS = ("3.11", "3.12", "3.13")
THIS_PYTHON = (sys.executable,)

# The modules that decide what goes over the wire: every branch of theirs is tested.
WIRE = "pdu,pdu_items,_layout,user_information,command_set,dimse_messages,dimse_primitives"
MACHINE = "presentation,fsm,_receive_buffer,upper_layer"
CORE = ",".join(f"src/pynetdicom/{n}.py" for n in f"{WIRE},{MACHINE}".split(","))

# Workers take tests from each other: some test programs, which take long.
ALL_PROCESSORS = "-n auto --dist worksteal"

STEP_LIMIT = 15 * 60.0  # a step that takes longer hangs, and says so before CI ends it

# name: what it is for, and what Python runs for it; arguments go to the last of these.
TOOLS = {
    "cover": (
        "Run all tests, count branches.",
        f"-m coverage erase; -m coverage run -m pytest {ALL_PROCESSORS}",
    ),
    "coverage": (
        "Report what `cover` counted; the core has to be complete.",
        "-m coverage combine --keep --quiet; -m coverage report; "
        f"-m coverage report --fail-under=100 --include={CORE}",
    ),
    "format": ("Format the source, mend what can be.", "-m ruff check --fix; -m ruff format"),
    "lint": ("Look for breaches of the rules.", "-m ruff format --check; -m ruff check"),
    "types": ("Check all types (mypy, strict).", "-m mypy"),
    "tables": ("Compare code and tools/tables.", "tools/generate_tables.py --check"),
    "pages": ("Compare --help and its pages.", "tools/generate_program_pages.py --check"),
    "escapes": ("Count casts, ignores, noqas: reasons wanted.", "tools/count_escapes.py"),
    "docs": (
        "Build docs/_build/html; warnings are errors.",
        "-m sphinx --fail-on-warning --keep-going --quiet docs docs/_build/html",
    ),
    "bench": ("Measure speed, against the peers that are installed.", "-m benchmarks"),
}
# The tests come last: their result ends what is printed.
CHECKS = (
    *("lint", "types", "tables", "pages", "escapes"),
    *("docs", "wheel", "core", "cover", "coverage"),
)

# Other implementations, each for an environment of its own; old ones need what was current then.
PIP_PEERS = (
    ("pynetdicom==3.0.4",),
    ("pynetdicom==1.1.0", "pydicom<2"),
    ("pynetdicom2==0.9.7",),
)
NPM_PEER = "dcmjs-dimse@0.3.3"
PROGRAMS = {"dcmdump": "dcmtk", "Orthanc": "orthanc", "openssl": "openssl", "npm": "npm"}


class StepError(Exception):
    """A command of a step did not succeed; the message says which."""


def run(*command: "str | Path") -> None:
    """Run a program in the root folder, with this terminal."""
    words = [str(word) for word in command]
    limit = None if sys.stdin.isatty() else STEP_LIMIT
    try:
        subprocess.run(words, cwd=ROOT, timeout=limit, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise StepError(str(error)) from None


def environment(folder: Path, extras: str, start: Sequence[str] = THIS_PYTHON) -> Path:
    """Return the Python of a virtual environment with this package and `extras`, up to date."""
    stamp = folder / "installed.txt"
    recipe = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + bytes(ROOT)).hexdigest()
    last, _, present = (stamp.read_text() if stamp.exists() else "").partition(" ")
    if last != recipe or not {*extras.split(",")} <= {*present.split(",")} or not starts(folder):
        print(f"setting up {folder.relative_to(ROOT)} (pynetdicom with {extras}) ...", flush=True)
        install(folder, "-e", f".[{extras}]", start=start)
        stamp.write_text(f"{recipe} {extras}")
    return python_in(folder)


def install(folder: Path, *what: str, start: Sequence[str] = THIS_PYTHON) -> None:
    """Install with pip into a virtual environment; make one where none works."""
    if not starts(folder):
        run(*start, "-m", "venv", "--clear", folder)
    pip = ("-m", "pip", "--disable-pip-version-check", "-qq", "install")
    run(python_in(folder), *pip, *what)


def python_in(folder: Path) -> Path:
    """Return where a virtual environment keeps its Python."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def starts(folder: Path) -> bool:
    """Tell whether a virtual environment is there and works: its base may have gone."""
    return version_of([str(python_in(folder))]) is not None


def version_of(interpreter: Sequence[str]) -> "str | None":
    """Return "3.12" and the like; `None` for what is missing, or a shim that leads nowhere."""
    question = [*interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(question, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def interpreter_for(version: str) -> "list[str] | None":
    """Return how to start that Python on this machine."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    built = [[str(path)] for path in sorted(pyenv.glob(f"{version}.*/bin/python"))]
    candidates = [["python" + version], ["py", "-" + version], *built]
    return next((start for start in candidates if version_of(start) == version), None)


def fetch_peer(folder: Path, *packages: str, npm: "str | None" = None) -> None:
    """Install another implementation to talk to; without it, its tests are skipped loudly."""
    stamp, recipe = folder / "installed.txt", " ".join(packages)
    if stamp.exists() and stamp.read_text() == recipe:
        return
    print(f"setting up {folder.relative_to(ROOT)} ...", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    try:
        if npm:
            run(npm, "install", *quiet, "--prefix", folder, *packages)
        else:
            install(folder, *packages)
        stamp.write_text(recipe)
    except StepError as error:
        print(f"peer missing: {recipe} ({error})", flush=True)


def demo(*arguments: str) -> None:
    """Start a storage server, send it pydicom's images, compare what arrived."""
    run(environment(HOME, "apps"), "-m", "pynetdicom", "demo", *arguments)


def test(*arguments: str) -> None:
    """Run all tests; arguments go to pytest (`-n 0`: without workers)."""
    setup()
    run(environment(HOME, EVERYTHING), "-m", "pytest", *ALL_PROCESSORS.split(), *arguments)


def setup() -> None:
    """Make the environment; fetch the peers for interoperability tests, name the missing."""
    environment(HOME, EVERYTHING)
    for program, package in PROGRAMS.items():
        if not (shutil.which(program) or shutil.which(program, path="/usr/sbin")):
            print(f"peer missing: {package} (Debian: apt-get install {package})", flush=True)
    for packages in PIP_PEERS:
        fetch_peer(PEERS / packages[0].replace("==", "-"), *packages)
    npm = shutil.which("npm")
    if npm:
        fetch_peer(PEERS / "dcmjs", NPM_PEER, npm=npm)


def core() -> None:
    """Run the tests of wire and state machine on the other Pythons that are installed."""
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/wire", "tests/machine")
    tried = []
    for version in PYTHONS:
        start = interpreter_for(version)
        if start and version != version_of(THIS_PYTHON):
            run(environment(PEERS / f"python-{version}", "test", start), *tests)
            tried.append(version)
    print(f"tried on {', '.join(tried) or 'no other Python'}")


def wheel() -> None:
    """Build the source archive and the wheel, install the wheel elsewhere, start it."""
    with tempfile.TemporaryDirectory() as folder:
        run(environment(HOME, EVERYTHING), "-m", "build", "--outdir", folder)
        (built,) = Path(folder).glob("*.whl")
        install(Path(folder, "venv"), str(built))
        run(python_in(Path(folder, "venv")), "-I", "-m", "pynetdicom", "--version")


def check() -> None:
    """Do all that continuous integration does; a failure does not stop the rest."""
    setup()
    rows = [check_one(name) for name in CHECKS]
    print("\n-- summary", *rows, sep="\n", flush=True)
    failures = sum(row.startswith("FAILED") for row in rows)
    if failures:
        raise StepError(f"{failures} of {len(rows)} steps failed")


def check_one(name: str) -> str:
    """Run one step as its own process; return its line of the summary."""
    print(f"\n-- {name}", flush=True)
    began, last = time.monotonic(), ""
    with subprocess.Popen(
        [sys.executable, __file__, name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"},
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = last if line.startswith("dev.py ") else line.strip(" =\n") or last
    verdict = "FAILED" if process.returncode else "ok"
    row = f"{verdict:<7}{name:<9}{time.monotonic() - began:6.1f} s  {last}"
    print(row, flush=True)
    return row


STEPS: dict[str, Callable[..., None]] = {
    step.__name__: step for step in (demo, test, check, setup, core, wheel)
}


def use_tool(commands: str, arguments: Sequence[str]) -> None:
    """Run Python with each of the commands, up to the first that fails."""
    python = environment(HOME, EVERYTHING)
    *first, last = (command.split() for command in commands.split("; "))
    for command in first:
        run(python, *command)
    run(python, *last, *arguments)


def main(words: Sequence[str]) -> None:
    """Run the command named first; give it the rest."""
    helps = {name: step.__doc__ for name, step in STEPS.items()}
    helps |= {name: text for name, (text, _) in TOOLS.items()}
    name, *arguments = words or ("--help",)
    if name not in helps:
        print("usage: python3 dev.py COMMAND [ARGUMENT ...]\n\ncommands:")
        print(*(f"  {name:<10}{text}" for name, text in helps.items()), sep="\n")
        sys.exit(name not in ("-h", "--help"))
    try:
        if name in STEPS:
            STEPS[name](*arguments)
        else:
            use_tool(TOOLS[name][1], arguments)
    except StepError as error:
        sys.exit(f"dev.py {name}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Run the scenarios, print the table and write the JSON."""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import affinity, results, subjects
from benchmarks.bench import Bench
from benchmarks.processes import BenchmarkError
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.subjects import ROOT, Subject


def parse() -> argparse.Namespace:
    peer = os.environ.get("PYNETDICOM3", ROOT / ".peers" / "pynetdicom-3.0.4")
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, one pair")
    parser.add_argument("--million", action="store_true", help="a million echoes in `threads-scu`")
    parser.add_argument("--scenario", action="append", metavar="NAME", help="a name or its start")
    parser.add_argument("--subject", action="append", metavar="NAME", help="measure only these")
    parser.add_argument("--list", action="store_true", help="list the scenarios and subjects")
    parser.add_argument("--pairs", type=int, help="how often to measure everybody in turn")
    parser.add_argument("--pin", action="store_true", help="a processor for the neutral ends")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the data sets there")
    parser.add_argument("--ours", metavar="PYTHON", help="interpreter that has `pynetdicom`")
    parser.add_argument("--ours-path", type=Path, metavar="DIR", help="folder to import it from")
    parser.add_argument("--pynetdicom3", type=Path, default=peer, metavar="DIR", help="its venv")
    return parser.parse_args()


def find_subjects(arguments: argparse.Namespace) -> tuple[dict[str, Subject], dict[str, str]]:
    """Find who is installed; name and leave out who is not."""
    source = arguments.ours_path or (None if arguments.ours else ROOT / "src")
    ours = subjects.package(subjects.OURS, arguments.ours or sys.executable, source)
    candidates: list[subjects.Library | subjects.Dcmtk] = [
        ours,
        replace(ours, name=subjects.ASYNCIO, module=subjects.ASYNCIO_PROGRAMS),
        *subjects.dcmtk_subjects(),
        subjects.Orthanc(),
        subjects.package(subjects.PYNETDICOM_3, str(Path(arguments.pynetdicom3) / "bin/python")),
    ]
    found: dict[str, Subject] = {subjects.NEUTRAL: subjects.NeutralEnds()}
    versions: dict[str, str] = {}
    for candidate in candidates:
        if arguments.subject and candidate.name not in arguments.subject:
            continue
        version = subjects.version(candidate)
        if version is None:
            print(f"left out, not installed: {candidate.name}")
            continue
        found[candidate.name], versions[candidate.name] = candidate, version
    return found, versions


def chosen(arguments: argparse.Namespace) -> list[Scenario]:
    wanted = tuple(arguments.scenario or [""])
    return [scenario for scenario in SCENARIOS if scenario.name.startswith(wanted)]


def measure(
    bench: Bench, scenario: Scenario, found: Mapping[str, Subject], pairs: int
) -> results.Result:
    """Measure everybody in turn, again and again, so that all meet the same machine."""
    result = results.Result(scenario)
    names = [name for name in scenario.subjects if name in found]
    if bench.quick:
        names = [name for name in names if name not in scenario.only_in_full]
    for _ in range(pairs):
        for name in names:
            if name in result.failures:
                continue
            try:
                sample = scenario.measure(bench, found[name])
            except BenchmarkError as error:
                result.failures[name] = str(error)
                print(f"  {name} failed: {error}", flush=True)
            else:
                result.samples.setdefault(name, []).append(sample)
        # Who comes first pays for memory that the system has taken back.
        names = [*names[1:], *names[:1]]
    return result


def run(
    bench: Bench, scenarios: Sequence[Scenario], found: Mapping[str, Subject], pairs: int
) -> list[results.Result]:
    measured = []
    for scenario in scenarios:
        started = time.perf_counter()
        print(f"{scenario.name} ...", end=" ", flush=True)
        measured.append(measure(bench, scenario, found, pairs))
        print(f"{time.perf_counter() - started:.1f} s", flush=True)
    return measured


@contextlib.contextmanager
def data_folder(wanted: Path | None) -> Iterator[Path]:
    if wanted:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            yield Path(folder)


def main() -> None:
    arguments = parse()
    if arguments.list:
        for scenario in SCENARIOS:
            print(f"{scenario.name:20} {', '.join(scenario.subjects)}")
        return
    if arguments.pin:
        affinity.pin()
    found, versions = find_subjects(arguments)
    for name, version in versions.items():
        print(f"{name}: {version}")
    pairs = arguments.pairs or (1 if arguments.quick else 5)
    with data_folder(arguments.data) as folder:
        bench = Bench(folder, arguments.quick, arguments.million)
        measured = run(bench, chosen(arguments), found, pairs)
    print("\n" + results.table(measured))
    print(results.failures(measured))
    if arguments.json:
        about = {"versions": versions, "pairs": pairs, "quick": arguments.quick}
        about["pinned"] = arguments.pin
        results.write_json(arguments.json, measured, about)


if __name__ == "__main__":
    main()

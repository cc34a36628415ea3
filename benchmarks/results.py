"""What was measured, the table made of it and the JSON."""

import json
import os
import platform
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measures import Sample
from benchmarks.scenarios import Row, Scenario
from benchmarks.subjects import DCMTK, OURS, PYNETDICOM_3
from benchmarks.targets import Target, target_of

COLUMNS = (
    "scenario",
    "unit",
    "who",
    "median",
    "min",
    "max",
    "cpu us",
    "x dcmtk",
    "x pn3",
    "target",
    "",
)
LEFT_ALIGNED = (0, 1, 2, 9, 10)


@dataclass(slots=True)
class Result:
    """The samples of one scenario, by subject, and why a subject has none."""

    scenario: Scenario
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def values(self, subject: str, key: str) -> list[float]:
        return [sample[key] for sample in self.samples.get(subject, [])]

    def median(self, subject: str, key: str) -> float:
        return statistics.median(self.values(subject, key))

    def ratio(self, subject: str, other: str, key: str) -> float | None:
        """Return the median of the ratios within each pair; `None` without a pair."""
        pairs = zip(self.values(subject, key), self.values(other, key), strict=False)
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return statistics.median(ratios) if ratios else None

    def verdict(self, target: Target, row: Row) -> str:
        """Say whether a target is met; "" when the peer is missing."""
        reached: float | None = self.median(target.subject, row.key)
        if target.against:
            reached = self.ratio(target.subject, target.against, row.key)
        if reached is None:
            return ""
        met = reached >= target.bound if row.better == "more" else reached <= target.bound
        return "met" if met else "MISSED"


def number(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.01 else f"{value:.4f}"


def describe(target: Target, row: Row) -> str:
    sign = ">=" if row.better == "more" else "<="
    return f"{sign} {target.bound:g}" + (f" x {target.against}" if target.against else "")


def table(results: list[Result]) -> str:
    """Lay the results out as plain text."""
    lines = [list(COLUMNS)]
    for result in results:
        for row in result.scenario.rows:
            lines += _row_lines(result, row)
    widths = [max(len(line[at]) for line in lines) for at in range(len(COLUMNS))]
    texts = [
        "  ".join(
            cell.ljust(width) if at in LEFT_ALIGNED else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    texts.insert(1, "-" * (sum(widths) + 2 * len(widths)))
    return "\n".join(texts)


def _row_lines(result: Result, row: Row) -> list[list[str]]:
    lines: list[list[str]] = []
    for subject in result.samples:
        values = result.values(subject, row.key)
        target = target_of(result.scenario.name, row.key, subject)
        lines.append(
            [
                row.title if not lines else "",
                row.unit if not lines else "",
                subject,
                number(statistics.median(values)),
                number(min(values)),
                number(max(values)),
                _processor_time(result, subject, row),
                _ratio(result, subject, DCMTK, row),
                _ratio(result, subject, PYNETDICOM_3, row),
                describe(target, row) if target else "",
                result.verdict(target, row) if target else "",
            ]
        )
    return lines


def _processor_time(result: Result, subject: str, row: Row) -> str:
    """Say what an operation costs; beside the rate, which also tells how busy the machine was."""
    is_known = row.key == "value" and all("cpu" in s for s in result.samples[subject])
    return number(result.median(subject, "cpu")) if is_known else ""


def _ratio(result: Result, subject: str, other: str, row: Row) -> str:
    return "" if subject == other else number(result.ratio(subject, other, row.key))


def failures(results: list[Result]) -> str:
    """Name what did not work, and in which scenario."""
    return "\n".join(
        f"failed in {result.scenario.name} after {len(result.samples.get(subject, []))} samples: "
        f"{subject}: {reason}"
        for result in results
        for subject, reason in result.failures.items()
    )


def write_json(path: Path, results: list[Result], about: dict[str, object]) -> None:
    """Write everything that was measured, and of what and where."""
    content = {
        "about": {
            **about,
            "machine": platform.machine(),
            "processors": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()}",
            "python": platform.python_version(),
        },
        "scenarios": [_as_json(result) for result in results],
    }
    path.write_text(json.dumps(content, indent=2) + "\n")


def _as_json(result: Result) -> dict[str, object]:
    return {
        "name": result.scenario.name,
        "failures": result.failures,
        "rows": [_row_as_json(result, row) for row in result.scenario.rows],
        "samples": result.samples,
    }


def _row_as_json(result: Result, row: Row) -> dict[str, object]:
    subjects = result.samples
    found = ((subject, target_of(result.scenario.name, row.key, subject)) for subject in subjects)
    return {
        "title": row.title,
        "unit": row.unit,
        "better": row.better,
        "key": row.key,
        "medians": {subject: result.median(subject, row.key) for subject in subjects},
        "ratios of ours": {
            other: result.ratio(OURS, other, row.key) for other in subjects if other != OURS
        },
        "targets": {
            subject: [describe(target, row), result.verdict(target, row)]
            for subject, target in found
            if target
        },
    }

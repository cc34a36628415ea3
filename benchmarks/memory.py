"""What Linux says about the memory and the processor time of a process."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

SAMPLE_INTERVAL = 0.01  # seconds


class PeakMemory:
    """Measures the peak memory of a process above what it had at the beginning, in bytes.

    `peak` is the kernel's high-water mark of the resident set, with the pages of mapped files;
    `anonymous` is sampled and leaves those out, for the kernel may take them back at any time.
    """

    def __init__(self, process_id: int = 0) -> None:
        self.peak = 0
        self.anonymous = 0
        self._folder = Path(f"/proc/{process_id or os.getpid()}")
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        (self._folder / "clear_refs").write_text("5")  # resets the high-water mark
        self._resident = self._read("VmRSS")
        self._base = self._read("RssAnon")
        self._sampler.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._sampler.join()
        self.peak = self._read("VmHWM") - self._resident

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_INTERVAL):
            self.anonymous = max(self.anonymous, self._read("RssAnon") - self._base)

    def _read(self, field: str) -> int:
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise LookupError(field)


def tree(process_id: int) -> Iterator[Path]:
    """Go through the folders in /proc of a process and its descendants."""
    yield Path(f"/proc/{process_id}")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may have ended since
            parent = stat.read_text().rpartition(")")[2].split()[1]
            if int(parent) == process_id:
                yield from tree(int(stat.parent.name))


def processor_seconds(process_id: int) -> float:
    """Add up the processor time that a process, its threads and its children have used."""
    nanoseconds = 0
    for folder in tree(process_id):
        for schedule in folder.glob("task/*/schedstat"):
            nanoseconds += int(schedule.read_text().split()[0])
    return nanoseconds / 1e9


def consumed_seconds(process_id: int) -> float:
    """Return the processor time of a process and its children, with threads that have ended.

    It is counted in ticks of 10 ms, so this is for those who work, not for those who idle.
    """
    ticks = 0
    for folder in tree(process_id):
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / os.sysconf("SC_CLK_TCK")


def private_bytes(process_id: int) -> int:
    """Add up the memory that belongs to a process and its children alone."""
    total = 0
    for folder in tree(process_id):
        for line in (folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Private_Dirty:"):
                total += int(line.split()[1]) * 1024
    return total


def threads(process_id: int) -> int:
    """Count the threads of a process and its children."""
    return sum(1 for folder in tree(process_id) for _ in folder.glob("task/*"))

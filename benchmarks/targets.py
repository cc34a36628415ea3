"""The targets: what this library is to reach, absolute or beside a peer of the same run."""

from dataclasses import dataclass

from benchmarks.subjects import ASYNCIO, BIT_PRESERVING, DCMTK, OURS


@dataclass(frozen=True, slots=True)
class Target:
    """A bound for one value of one scenario; a factor of `against` where that is given.

    It is a lower bound where more is better and an upper bound where less is.
    """

    scenario: str
    bound: float
    against: str | None = None
    subject: str = OURS
    key: str = "value"


TARGETS = (
    Target("echo-scu", 0.8, DCMTK),
    Target("echo-scu", 0.6, DCMTK, ASYNCIO),
    Target("echo-scp", 0.8, DCMTK),
    Target("cycle-scu", 1000),
    Target("cycle-scp", 1000),
    Target("store-scu-S-16k", 1.2, DCMTK),
    Target("store-scu-C-16k", 2.0, DCMTK),
    Target("store-scu-C-128k", 2.0, DCMTK),
    Target("store-scu-L-16k", 1.5, DCMTK),
    Target("store-scu-L-128k", 1.5, DCMTK),
    Target("store-scp-S-16k", 0.7, DCMTK),
    Target("store-scp-C-16k", 1.0, DCMTK),
    Target("store-scp-C-128k", 1.0, DCMTK),
    Target("store-scp-L-16k", 3.0, DCMTK),
    Target("store-scp-L-128k", 3.0, DCMTK),
    Target("files-scp-S", 1.0, BIT_PRESERVING),
    Target("files-scp-C", 1.5, DCMTK),
    Target("find-scp", 10000),
    Target("find-scp", 10000, None, ASYNCIO),
    Target("find-scu", 15000),
    Target("find-scu", 15000, None, ASYNCIO),
    Target("find-scu-read", 5000),
    Target("find-scu-read", 5000, None, ASYNCIO),
    Target("get-C", 1000),
    Target("get-paths-C", 1000),
    Target("move-C", 800),
    Target("move-paths-C", 800),
    Target("threads-scu", 0, key="lost"),
    Target("threads-scu", 0, None, ASYNCIO, "lost"),
    Target("crowd-200", 5000),
    Target("crowd-200", 5000, None, ASYNCIO),
    Target("crowd-200", 100, key="p99"),
    Target("crowd-200", 100, None, ASYNCIO, "p99"),
    Target("crowd-500", 5000),
    Target("crowd-500", 5000, None, ASYNCIO),
    Target("crowd-500", 0, key="lost"),
    Target("crowd-500", 0, None, ASYNCIO, "lost"),
    Target("crowd-1000", 0, None, ASYNCIO, "lost"),
    Target("memory-data-set", 1.1),
    Target("memory-data-set", 1.1, None, ASYNCIO),
    Target("memory-scu", 32),
    Target("memory-scu-chunked", 32),
    Target("memory-scp", 32),
    Target("idle-scp", 0.5, key="processor"),
    Target("idle-scp", 100, key="memory"),
    Target("idle-scp", 0.5, None, ASYNCIO, "processor"),
    Target("idle-scp", 100, None, ASYNCIO, "memory"),
    Target("idle-scu", 0.5, key="processor"),
    Target("idle-scu", 100, key="memory"),
    Target("idle-scu", 0.5, None, ASYNCIO, "processor"),
    Target("idle-scu", 100, None, ASYNCIO, "memory"),
    Target("import", 40),
)


def target_of(scenario: str, key: str, subject: str) -> Target | None:
    for target in TARGETS:
        if (target.scenario, target.key, target.subject) == (scenario, key, subject):
            return target
    return None

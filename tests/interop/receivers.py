"""What a storage SCP of another project leaves behind: files in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Receiver:
    """A running storage SCP that writes what it receives into a folder."""

    port: int
    folder: Path
    # How the data set is got from what was written.
    data_set: Callable[[bytes], bytes] = bytes

    def take(self) -> list[bytes]:
        """Return the data sets received since the last call, and forget them."""
        paths = sorted(self.folder.iterdir())
        data_sets = [self.data_set(path.read_bytes()) for path in paths]
        for path in paths:
            path.unlink()
        return data_sets

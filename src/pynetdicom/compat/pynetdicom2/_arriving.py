"""Files that have their names only when they are complete."""

from io import BufferedRandom, FileIO
from pathlib import Path


class ArrivingFile(BufferedRandom):
    """A file that is removed when it is closed, unless it was kept.

    Args:
        path: Its name while it is not complete.
        final: Its name afterwards; a file that has it already is replaced.
    """

    def __init__(self, path: Path, final: Path) -> None:
        self._path = path
        self._final = final
        self._is_kept = False
        super().__init__(FileIO(path, "x+"))

    @property
    def name(self) -> str:
        """Where it is now."""
        return str(self._final if self._is_kept else self._path)

    def keep(self) -> None:
        """Give the file its name: it is complete."""
        self.flush()
        self._path.replace(self._final)
        self._is_kept = True

    def close(self) -> None:
        """Close the file."""
        super().close()
        if not self._is_kept:
            self._path.unlink(missing_ok=True)

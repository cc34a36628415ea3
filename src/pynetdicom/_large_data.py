"""Large data sets in memory."""

import mmap
from io import BytesIO
from typing import Final

Buffer = bytes | bytearray | memoryview

# What is smaller, memory that was used before is soon found for.
LARGE: Final = 0x800000

_HUGE_PAGES: Final[int | None] = getattr(mmap, "MADV_HUGEPAGE", None)
IS_WORTH_IT: Final = _HUGE_PAGES is not None


class LargeData:
    """A data set in memory of its own, which the system hands out in huge pages.

    The system clears memory before it hands it out. In pages of 4 KB that takes about as long as
    all the rest of receiving a large data set, in pages of 2 MB a quarter of that.

    Args:
        begin: What there is of it so far.
    """

    def __init__(self, begin: Buffer) -> None:
        # Shared memory, the default, could not grow.
        self._memory = mmap.mmap(-1, 2 * LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if _HUGE_PAGES is not None:
            self._memory.madvise(_HUGE_PAGES)
        self._length = 0
        self.write(begin)

    def write(self, data: Buffer) -> None:
        """Append `data`.

        Raises:
            MemoryError: There is not so much memory.
        """
        end = self._length + len(data)
        if end > len(self._memory):
            self._resize(2 * len(self._memory))
        self._memory[self._length : end] = data
        self._length = end

    def finish(self) -> mmap.mmap:
        """Return it all, without the room behind it."""
        self._resize(self._length)
        return self._memory

    def discard(self) -> None:
        """Give the memory back."""
        self._memory.close()

    def _resize(self, size: int) -> None:
        try:
            self._memory.resize(size)
        except OSError as error:
            raise MemoryError(f"There is no memory for a data set of {size:,} bytes") from error


def is_unseen(memory: mmap.mmap) -> bool:
    """Return whether there are no views of `memory`, so that it may be changed."""
    try:
        memory.resize(len(memory))  # refused when it would pull the memory from under a view
    except BufferError:
        return False
    return True


def move(memory: mmap.mmap, start: int, stop: int) -> bytes:
    """Return a part of `memory`, which is lost there.

    The system gets the pages back while they are copied, so that there are never two of a large
    value. What is before `stop` may be lost as well.
    """
    value = BytesIO()
    while start < stop:
        end = min(stop, start - start % LARGE + LARGE)
        with memoryview(memory) as view, view[start:end] as piece:
            value.write(piece)
        if end % LARGE == 0:
            memory.madvise(mmap.MADV_DONTNEED, end - LARGE, LARGE)
        start = end
    return value.getvalue()

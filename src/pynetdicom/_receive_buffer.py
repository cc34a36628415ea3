"""Where what comes from a transport connection waits until it is taken."""

from typing import Final

# It starts small, for idle associations are many, and doubles while reads fill it.
_SMALLEST: Final = 0x4000
_LARGEST: Final = 0x40000


class ReceiveBuffer:
    """A buffer that is written at its end and taken from at its start.

    Attributes:
        data: The memory.
        view: A view of all of it.
        start: Where the next byte to be taken is.
        end: Where the next byte will be put.
    """

    def __init__(self) -> None:
        self.data = bytearray(_SMALLEST)
        self.view = memoryview(self.data)
        self.start = self.end = 0
        self._was_filled = False

    def space(self) -> memoryview:
        """Return where the next bytes can be put; never empty.

        It grows when what waits needs more than half of it, which only a PDU that must be seen
        whole does, and when reads fill it; a PDU's extra room is given back.
        """
        waiting = self.end - self.start
        if not waiting:
            self.start = self.end = 0
        size = len(self.data)
        if waiting > size // 2 or (self._was_filled and size < _LARGEST):
            self._move(2 * size)
        elif size > _LARGEST and waiting <= _LARGEST // 2:
            self._move(_LARGEST)
        elif self.start:
            self._move(size)
        return self.view[self.end :]

    def filled(self, count: int) -> None:
        """Note that so many bytes were put into `space()`."""
        self._was_filled = count == len(self.data) - self.end
        self.end += count

    def _move(self, size: int) -> None:
        """Move what waits to the front of a buffer of `size` bytes."""
        waiting = self.view[self.start : self.end]
        if size != len(self.data):
            self.data = bytearray(size)
            self.view = memoryview(self.data)
        self.view[: len(waiting)] = waiting
        self.start, self.end = 0, len(waiting)

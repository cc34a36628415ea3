"""Many associations at once that echo as fast as they are answered, from one thread.

Each has one request under way. The latency of each is measured, and what is never answered is lost.
"""

import argparse
import json
import selectors
import socket
import time

from benchmarks import wire
from benchmarks.affinity import take_processor
from benchmarks.replay import associate, connect, echo_message, read_pdu, release

PATIENCE = 10.0  # seconds for what is under way at the end


class Crowd:
    """The associations; see the module."""

    def __init__(self, port: int, count: int) -> None:
        self.latencies: list[float] = []
        self._message = bytes(echo_message(1))
        self._sent: dict[socket.socket, float] = {}
        # One after the other: a server need not put up with hundreds that do not say who they are.
        self._connections = [self._associated(port) for _ in range(count)]

    @staticmethod
    def _associated(port: int) -> socket.socket:
        connection = connect(port)
        connection.settimeout(PATIENCE)
        associate(connection, 0)
        connection.settimeout(None)  # with one CPython would poll before every call
        return connection

    def echo(self, seconds: float) -> float:
        """Echo on all for about so long; return how long it took."""
        with selectors.DefaultSelector() as selector:
            for connection in self._connections:
                selector.register(connection, selectors.EVENT_READ, connection)
            started = time.perf_counter()
            for connection in self._connections:
                self._send(connection)
            while self._sent:
                ready = selector.select(PATIENCE)
                if not ready:
                    break  # the rest is lost
                for key, _ in ready:
                    self._receive(key.data, is_over=time.perf_counter() > started + seconds)
            return time.perf_counter() - started

    def _send(self, connection: socket.socket) -> None:
        self._sent[connection] = time.perf_counter()
        connection.sendall(self._message)

    def _receive(self, connection: socket.socket, *, is_over: bool) -> None:
        if status := wire.status(read_pdu(connection)):
            raise ConnectionError(f"status 0x{status:04X}")
        self.latencies.append(time.perf_counter() - self._sent.pop(connection))
        if not is_over:
            self._send(connection)

    @property
    def lost(self) -> int:
        """How many requests have had no answer."""
        return len(self._sent)

    def release(self) -> None:
        for connection in self._connections:
            if connection not in self._sent:
                release(connection)
            connection.close()


def main() -> None:
    """Echo and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=1, help="associations")
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    take_processor()
    crowd = Crowd(arguments.port, arguments.count)
    print("ready", flush=True)
    seconds = crowd.echo(arguments.seconds)
    latencies = sorted(crowd.latencies)
    result = {"seconds": seconds, "count": len(latencies), "lost": crowd.lost}
    result["p99"] = latencies[len(latencies) * 99 // 100]
    crowd.release()
    print(json.dumps(result))


if __name__ == "__main__":
    main()

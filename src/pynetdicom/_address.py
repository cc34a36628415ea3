"""Where application entities are."""

import socket
from contextlib import suppress
from typing import Any


class AddressInformation:
    """Where an application entity is.

    Args:
        addr: An IPv4 or IPv6 address, or a host name, which is resolved, IPv4 preferred.
        port: The TCP port.
        flowinfo: Of IPv6.
        scope_id: Of IPv6.
    """

    def __init__(self, addr: str, port: int, flowinfo: int = 0, scope_id: int = 0) -> None:
        self.port = port
        self.flowinfo = flowinfo
        self.scope_id = scope_id
        self.address = addr

    @property
    def address(self) -> str:
        """The IP address."""
        return self._address

    @address.setter
    def address(self, value: str) -> None:
        self._resolved = _resolve(value, self.port)
        self._address, self._family = self._resolved[0]

    @property
    def candidates(self) -> list["AddressInformation"]:
        """All addresses of the host, in the order in which they are worth a try."""
        return [
            AddressInformation(address, self.port, self.flowinfo, self.scope_id)
            for address, _ in self._resolved
        ]

    @property
    def address_family(self) -> socket.AddressFamily:
        """`socket.AF_INET` or `socket.AF_INET6`."""
        return self._family

    @property
    def is_ipv4(self) -> bool:
        """Whether the address is of IPv4."""
        return self._family == socket.AF_INET

    @property
    def is_ipv6(self) -> bool:
        """Whether the address is of IPv6."""
        return self._family == socket.AF_INET6

    @property
    def as_tuple(self) -> tuple[str, int] | tuple[str, int, int, int]:
        """The address as sockets want it: two values for IPv4, four for IPv6."""
        if self.is_ipv4:
            return self._address, self.port
        return self._address, self.port, self.flowinfo, self.scope_id

    @classmethod
    def from_tuple(cls, address: tuple[Any, ...]) -> "AddressInformation":
        """Return it from what a socket says: two or four values."""
        return cls(*address)

    @classmethod
    def from_addr_port(cls, addr: str | tuple[str, int, int], port: int) -> "AddressInformation":
        """Return it from a host, or (host, flowinfo, scope_id), and a port."""
        if isinstance(addr, str):
            return cls(addr, port)
        host, flowinfo, scope_id = addr
        return cls(host, port, flowinfo, scope_id)


def _resolve(host: str, port: int) -> list[tuple[str, socket.AddressFamily]]:
    """Return the addresses of a host, those of IPv4 first.

    A name that cannot be resolved is kept, so that connecting says what is wrong.
    """
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host.partition("%")[0])
            return [(host, family)]
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)
    except OSError:
        return [(host, socket.AF_INET)]
    found.sort(key=lambda info: info[0] != socket.AF_INET)
    return [(str(address[0]), family) for family, _, _, _, address in found]

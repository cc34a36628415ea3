"""How programs that serve come to their end."""

import threading

from apps.stage import DEADLINE
from pynetdicom.apps._serving import join


def test_who_works_is_waited_for_and_a_connection_that_has_just_come_is_not() -> None:
    may_end = threading.Event()
    has_just_come = threading.Thread(target=may_end.wait)
    works = threading.Thread(target=may_end.wait)
    works.start()
    may_end.set()

    join([has_just_come, works], DEADLINE)

    assert not works.is_alive()

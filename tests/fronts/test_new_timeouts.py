"""Timeouts of an association that is there already."""

from fronts.services import association
from fronts.stage import Front, Recorder
from pynetdicom import evt


def test_a_network_timeout_that_is_set_now_counts_from_now_on(front: Front) -> None:
    seen = Recorder(evt.EVT_ABORTED)
    with association(front, [], seen.handlers) as assoc:
        assoc.network_timeout = 0.05

        seen.wait_for(evt.EVT_ABORTED)

    assert assoc.is_aborted

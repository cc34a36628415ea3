"""The state table against a second transcription of PS3.8 Table 9-10, typed state by state.

`fsm` has a row for every event; here every state says what it does about which events, as one
reads the columns of the book. Two people who both mistype the same cell are unlikely.
"""

import pytest

from pynetdicom.fsm import TRANSITIONS, Event, State

BOOK = {
    "Sta1": "1:AE-1 5:AE-5",
    "Sta2": "3:AA-1 4:AA-1 6:AE-6 10:AA-1 12:AA-1 13:AA-1 16:AA-2 17:AA-5 18:AA-2 19:AA-1",
    "Sta3": (
        "3:AA-8 4:AA-8 6:AA-8 7:AE-7 8:AE-8 10:AA-8 12:AA-8 13:AA-8 15:AA-1 16:AA-3 17:AA-4 19:AA-8"
    ),
    "Sta4": "2:AE-2 15:AA-2 17:AA-4",
    "Sta5": "3:AE-3 4:AE-4 6:AA-8 10:AA-8 12:AA-8 13:AA-8 15:AA-1 16:AA-3 17:AA-4 19:AA-8",
    "Sta6": (
        "3:AA-8 4:AA-8 6:AA-8 9:DT-1 10:DT-2 11:AR-1 12:AR-2 13:AA-8 15:AA-1 16:AA-3 17:AA-4 "
        "19:AA-8"
    ),
    "Sta7": "3:AA-8 4:AA-8 6:AA-8 10:AR-6 12:AR-8 13:AR-3 15:AA-1 16:AA-3 17:AA-4 19:AA-8",
    "Sta8": (
        "3:AA-8 4:AA-8 6:AA-8 9:AR-7 10:AA-8 12:AA-8 13:AA-8 14:AR-4 15:AA-1 16:AA-3 17:AA-4 "
        "19:AA-8"
    ),
    "Sta9": "3:AA-8 4:AA-8 6:AA-8 10:AA-8 12:AA-8 13:AA-8 14:AR-9 15:AA-1 16:AA-3 17:AA-4 19:AA-8",
    "Sta10": "3:AA-8 4:AA-8 6:AA-8 10:AA-8 12:AA-8 13:AR-10 15:AA-1 16:AA-3 17:AA-4 19:AA-8",
    "Sta11": "3:AA-8 4:AA-8 6:AA-8 10:AA-8 12:AA-8 13:AR-3 15:AA-1 16:AA-3 17:AA-4 19:AA-8",
    "Sta12": "3:AA-8 4:AA-8 6:AA-8 10:AA-8 12:AA-8 13:AA-8 14:AR-4 15:AA-1 16:AA-3 17:AA-4 19:AA-8",
    "Sta13": "3:AA-6 4:AA-6 6:AA-7 10:AA-6 12:AA-6 13:AA-6 16:AA-2 17:AR-5 18:AA-2 19:AA-7",
}


def book() -> dict[tuple[Event, State], str]:
    """Return the transcription as event and state to the name of the action."""
    cells = (
        (Event(f"Evt{event}"), State(state), action)
        for state, column in BOOK.items()
        for event, action in (cell.split(":") for cell in column.split())
    )
    return {(event, state): action for event, state, action in cells}


def test_the_table_has_123_of_the_247_cells() -> None:
    assert len(State) * len(Event) == 247
    assert len(TRANSITIONS) == len(book()) == 123


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_each_cell_is_as_in_the_book(event: Event, state: State) -> None:
    assert TRANSITIONS.get((event, state)) == book().get((event, state))

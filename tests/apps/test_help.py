"""What the query programs and the archive say about themselves."""

import pytest

from apps.golden import assert_golden
from pynetdicom import __main__


@pytest.mark.parametrize("name", ["findscu", "getscu", "movescu", "qrscp"])
def test_the_help_is_the_one_that_was_meant(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    with pytest.raises(SystemExit):
        __main__.main([name, "--help"])

    assert_golden(f"{name}-help", capsys.readouterr().out)

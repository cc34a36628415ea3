"""What the stories of the fronts are given."""

from collections.abc import Iterator

import pytest

from fronts.certificates import Certificates
from fronts.stage import FRONTS, Front, on_stage


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    """Each of the fronts in turn."""
    with on_stage(request.param) as chosen:
        yield chosen


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for this run; whoever asks for them needs openssl."""
    return Certificates(tmp_path_factory.mktemp("certificates"))

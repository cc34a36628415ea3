"""What the stress tests are given."""

from fronts.conftest import certificates as certificates
from fronts.conftest import front as front

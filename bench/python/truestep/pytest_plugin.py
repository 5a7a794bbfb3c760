# SPDX-License-Identifier: Apache-2.0
"""The fixture truestep_check, which pytest finds by itself."""

import pytest

from .checking import check


@pytest.fixture
def truestep_check():
    """As truestep.check, but that a step which is not what it was said to be fails the test."""

    def checked(*given, **options):
        result = check(*given, **options)
        if not result:
            pytest.fail(str(result), pytrace=False)
        return result

    return checked

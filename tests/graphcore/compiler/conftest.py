"""The backends that are installed here."""

import importlib.util

import pytest

BACKENDS = {"numpy": "numpy", "numba": "numba"}


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request):
    """Each backend in turn; one that is not installed is skipped."""
    if importlib.util.find_spec(BACKENDS[request.param]) is None:
        pytest.skip(f"{BACKENDS[request.param]} is not installed")
    return request.param

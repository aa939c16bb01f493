"""Fixtures for the installed backends."""

import importlib.util

import pytest


@pytest.fixture(scope="session")
def need():
    """Skip a test whose backend is not installed."""

    def installed(backend):
        if importlib.util.find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")

    return installed


@pytest.fixture(scope="session", params=["numpy", "numba", "jax", "torch"])
def backend(request, need):
    """Each backend in turn."""
    need(request.param)
    return request.param

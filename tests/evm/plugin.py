"""`pytest -p tests.evm.plugin`: tests meet the stand-in where they ask for Ape."""

import pytest

from tests.evm import stand_in

stand_in.install()


@pytest.fixture(scope="session")
def project():
    import ape

    return ape.project


@pytest.fixture(scope="session")
def accounts():
    import ape

    return ape.accounts


@pytest.fixture(scope="session")
def networks():
    import ape

    return ape.networks


@pytest.fixture(scope="session")
def chain():
    import ape

    return ape.chain


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needs_node = pytest.mark.skip(reason="needs a node: run it under `ape test`")
    for item in items:
        if item.get_closest_marker("anvil"):
            item.add_marker(needs_node)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--disable-isolation", action="store_true", help="Ape's: of no effect here")

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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_a_node = [item for item in items if item.get_closest_marker("anvil")]
    config.hook.pytest_deselected(items=on_a_node)
    items[:] = [item for item in items if item not in on_a_node]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--disable-isolation", action="store_true", help="Ape's: of no effect here")

"""What others read: logs, metrics, and whether the keeper is well."""

import io
import json
import time
import urllib.error
import urllib.request

import pytest

from scripts._keeper.report import Metrics, logger, serve


@pytest.fixture
def ask():
    """`ask(metrics, path)`: status and body of a server that waits a second for a block."""
    servers = []

    def _ask(metrics, path):
        server = serve(metrics, "127.0.0.1", 0, 1.0)
        servers.append(server)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    yield _ask
    for server in servers:
        server.shutdown()
        server.server_close()


def test_log_is_one_object_a_line():
    stream = io.StringIO()
    log = logger("INFO", stream)

    log.info("fill", extra={"max_in": 10**20, "token": "0x1", "tier": 500, "names": ["a"]})
    log.debug("nothing")

    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert said["event"] == "fill" and said["level"] == "info"
    assert said["max_in"] == str(10**20) and said["tier"] == 500 and said["names"] == ["a"]


def test_exception_says_what_and_where():
    """A block that is lost to a fault of ours would leave nothing to find it by."""
    stream = io.StringIO()
    log = logger("INFO", stream)

    try:
        {}["price"]
    except KeyError:
        log.exception("lost a block")

    said = json.loads(stream.getvalue())
    assert said["event"] == "lost a block" and said["fault"] == "KeyError: 'price'"
    assert "test_exception_says_what_and_where" in said["trace"]


@pytest.mark.parametrize(("ago", "status"), [(0.0, 200), (5.0, 503), (None, 503)])
def test_health_is_a_recent_block(ask, ago, status):
    metrics = Metrics()
    metrics.beat = 0.0 if ago is None else time.monotonic() - ago

    found, body = ask(metrics, "/health")

    assert found == status
    assert json.loads(body)["well"] == (status == 200)


def test_metrics_are_what_prometheus_reads(ask):
    metrics = Metrics()
    metrics.blocks.inc(3)
    metrics.errors.labels("rpc.example").inc()

    status, body = ask(metrics, "/metrics")

    assert status == 200
    assert "keeper_blocks_total 3.0\n" in body
    assert 'keeper_rpc_errors_total{node="rpc.example"} 1.0\n' in body


def test_other_path_is_not_there(ask):
    assert ask(Metrics(), "/")[0] == 404

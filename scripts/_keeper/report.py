"""What the keeper says of itself: JSON lines, Prometheus metrics, and whether it is well."""

import json
import logging
import sys
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

NAME = "ballast.keeper"
STANDARD = set(vars(logging.makeLogRecord({})))
TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and whatever was said of it.

    Integers that other programs would round are text. Of an exception that is logged, `fault` is
    what it says and `trace` where it was raised.
    """

    def format(self, record: logging.LogRecord) -> str:
        facts = {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info and (error := record.exc_info[1]):
            facts = {"fault": f"{type(error).__name__}: {error}"} | facts
            facts["trace"] = self.formatException(record.exc_info)
        head = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        return json.dumps(head | {name: _plain(value) for name, value in facts.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, int) and abs(value) >= 2**53:
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def logger(level: str = "INFO", stream: Any = None) -> logging.Logger:
    """The keeper's log on `stream`, standard output unless told."""
    log = logging.getLogger(NAME)
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
    return log


@dataclass
class Metrics:
    """Counters and gauges, in a registry of their own; money is in wei of the chain's coin."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    beat: float = 0.0  # monotonic seconds of the last block

    def __post_init__(self) -> None:
        def make(kind: Any, name: str, text: str, labels: tuple[str, ...] = (), **more: Any) -> Any:
            return kind(f"keeper_{name}", text, labels, registry=self.registry, **more)

        self.blocks = make(Counter, "blocks", "Blocks seen")
        self.head = make(Gauge, "block_number", "Newest block seen")
        self.time = make(Gauge, "block_time_seconds", "Its time on the chain's clock")
        self.tokens = make(Gauge, "tokens", "Tokens watched")
        self.faulty = make(Gauge, "tokens_faulty", "Of them, those that could not be read whole")
        self.lanes = make(Gauge, "open_lanes", "Auctions open", ("lane",))
        self.decisions = make(Counter, "decisions", "What was decided of open lanes", ("decision",))
        self.sent = make(Counter, "transactions_sent", "Transactions sent, replacements included")
        self.outcomes = make(Counter, "transactions", "What became of them", ("outcome",))
        self.profit = make(Counter, "profit_wei", "Earned by confirmed fills, before gas")
        self.spent = make(Counter, "gas_wei", "Paid for gas, reverted transactions included")
        self.wallet = make(Gauge, "wallet_wei", "What the account has left for gas")
        self.requests = make(Gauge, "rpc_requests", "Requests made")
        self.errors = make(Counter, "rpc_errors", "Requests that failed", ("node",))
        self.lag = make(Gauge, "lag_blocks", "Blocks that the node is behind the best one")
        self.seconds = make(
            Histogram, "decision_seconds", "From a block to a decision", buckets=TIMES
        )

    def text(self) -> bytes:
        """All of them as Prometheus reads them."""
        return generate_latest(self.registry)


def serve(metrics: Metrics, host: str, port: int, patience: float) -> ThreadingHTTPServer:
    """Serve /metrics and /health in a thread of its own.

    /health is 200 while the last block was processed less than `patience` seconds ago, else 503.
    Raises OSError where the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._say(200, CONTENT_TYPE_LATEST, metrics.text())
            elif self.path == "/health":
                age = time.monotonic() - metrics.beat if metrics.beat else None
                well = age is not None and age < patience
                facts = {"well": well, "seconds_since_block": age and round(age, 1)}
                self._say(200 if well else 503, "application/json", json.dumps(facts).encode())
            else:
                self._say(404, "text/plain", b"/health or /metrics\n")

        def _say(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nothing: whoever asks, asks every few seconds."""

    server = ThreadingHTTPServer((host, port), Handler)
    Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    return server

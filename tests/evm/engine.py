"""An EVM in this process with a clock: transactions, calls, and marks to go back to.

Like anvil, it puts each transaction into a block of its own. Time moves only when it is told to.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from eth_abi import decode
from eth_utils import keccak, to_checksum_address
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

CHAIN_ID = 31_337
GENESIS = 1_893_456_000  # 2030-01-01 00:00:00 UTC
ERROR = bytes.fromhex("08c379a0")  # the selector of Error(string)
REVERT = re.compile(r"Revert { gas_used: \d+, output: 0x([0-9a-f]*) }")
HALT = "Halt {"
PADDING = 33
NOBODY = "0x" + "00" * 20
BANK = "0x" + "ba" * 20  # whose ether pays for every `set_balance`
GAS = 30_000_000  # of a transaction, as on anvil

code_size = 24_576  # bytes that a contract may have (EIP-170); raised for builds not to deploy


class Log(NamedTuple):
    """An event as it is on chain."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


class Done(NamedTuple):
    """What a transaction that succeeded leaves: what it returned, its events and its gas."""

    output: bytes
    logs: list[Log]
    gas_used: int


class Reverted(Exception):
    """A call reverted; `data` is what it left, `reason` what that says, if anything."""

    def __init__(self, data: bytes, halt: str = "") -> None:
        self.data = data
        self.reason = reason(data)
        super().__init__(self.reason or halt or data.hex())


def reason(data: bytes) -> str:
    """The words of `Error(string)`, the selector of an error that is a name alone, or nothing."""
    if len(data) == len(ERROR):
        return f"0x{data.hex()}"
    if not data.startswith(ERROR):
        return ""
    (words,) = decode(["string"], data[len(ERROR) :])
    return words


class Chain:
    """One chain. Addresses are 0x-prefixed hex; amounts are wei."""

    def __init__(self, chain_id: int = CHAIN_ID, tracing: bool = False) -> None:
        self.number = 0
        self.timestamp = GENESIS
        self.chain_id = chain_id
        self.interval = 0  # seconds from one block to the next
        self.next_timestamp: int | None = None
        self.transactions = 0  # that succeeded
        # nonce and code of accounts, which going back has to restore
        self.overwritten: list[tuple[str, int, bytes]] = []
        cfg = CfgEnv(chain_id=chain_id, limit_contract_code_size=code_size)
        env = Env(cfg=cfg, block=self._block())
        self.evm = EVM(env=env, spec_id="CANCUN", gas_limit=2**63, tracing=tracing)
        self.evm.set_balance(BANK, 2**200)

    # Transactions

    def create(self, sender: str, code: bytes, value: int = 0) -> tuple[str, Done]:
        """Deploy creation code: the address, and what else it leaves. Raises Reverted."""
        self.mine()
        address = self._run(self.evm.deploy, sender, code, value)
        return to_checksum_address(address), self._done(b"")

    def send(self, sender: str, to: str, data: bytes = b"", value: int = 0, gas: int = GAS) -> Done:
        """A transaction in a block of its own. Raises Reverted."""
        self.mine()
        output = self._run(self.evm.message_call, sender, to, data, value, gas)
        return self._done(output)

    def call(
        self, to: str, data: bytes = b"", sender: str = NOBODY, value: int = 0, gas: int = GAS
    ) -> bytes:
        """What a transaction would return now; nothing of it stays. Raises Reverted."""
        with self.isolate():
            if value:
                self.evm.message_call(BANK, sender, value=value)
            if sender != NOBODY and self.code(sender):
                assert sender != to, "a contract cannot be made to call itself"
                self.set_code(sender, b"")  # as in `set_balance`
            return self._run(self.evm.message_call, sender, to, data, value, gas)

    def try_create(self, code: bytes, sender: str = NOBODY) -> bytes:
        """The runtime code that creation code would make now; nothing stays. Raises Reverted."""
        with self.isolate():
            return self.code(self._run(self.evm.deploy, sender, code, 0))

    # Accounts

    def balance(self, address: str) -> int:
        return self.evm.get_balance(address)

    def set_balance(self, address: str, balance: int) -> None:
        """Paid from the bank or to it, so that going back undoes it."""
        change = balance - self.balance(address)
        if change < 0:
            code = self.code(address)
            self._write(address, b"")  # only an account without code may start a transaction
            self.evm.message_call(address, BANK, value=-change)
            self._write(address, code)
        elif change > 0:
            # the remains of a contract cannot be refused: PUSH20 address SELFDESTRUCT
            self.evm.deploy(BANK, b"\x73" + bytes.fromhex(address[2:]) + b"\xff", change)

    def code(self, address: str) -> bytes:
        code = bytes(self.evm.get_code(address) or b"")
        # the engine keeps code that it has run with zeros behind it
        bare = code[:-PADDING]
        return bare if keccak(bare) == self.evm.basic(address).code_hash else code

    def set_code(self, address: str, code: bytes) -> None:
        """Put code in place of what is there."""
        self.overwritten.append((address, self.evm.basic(address).nonce, self.code(address)))
        self._write(address, code)

    # Time

    def mine(self) -> None:
        """The next block."""
        self.number += 1
        if self.next_timestamp is not None:
            self.timestamp, self.next_timestamp = self.next_timestamp, None
        else:
            self.timestamp += self.interval
        self._tell_time()

    def at(self, timestamp: int) -> None:
        """It is `timestamp` in the block that is there, whatever it was."""
        self.timestamp = timestamp
        self._tell_time()

    # Marks

    def snapshot(self) -> tuple:
        """A mark to `revert` to, once."""
        clock = self.number, self.timestamp, self.interval, self.next_timestamp
        return self.evm.snapshot(), clock, len(self.overwritten)

    def revert(self, mark: tuple) -> None:
        """Put everything back as it was at `mark`."""
        state, clock, overwritten = mark
        self.evm.revert(state)
        while len(self.overwritten) > overwritten:
            address, nonce, code = self.overwritten.pop()
            created_since = nonce > 0 and self.evm.basic(address).nonce == 0
            if not created_since:
                self._write(address, code)
        self.number, self.timestamp, self.interval, self.next_timestamp = clock
        self._tell_time()

    @contextmanager
    def isolate(self) -> Iterator[None]:
        """What happens within does not stay."""
        mark = self.snapshot()
        try:
            yield
        finally:
            self.revert(mark)

    # How it is done

    def _run(self, act, *args):
        self.evm.reset_transient_storage()
        try:
            return act(*args)
        except RuntimeError as fault:
            words = str(fault)
            found = REVERT.search(words)
            if not found and not words.startswith(HALT):
                raise  # not a fault of the contract
            raise Reverted(bytes.fromhex(found[1]) if found else b"", words) from None

    def _done(self, output: bytes) -> Done:
        self.transactions += 1
        result = self.evm.result
        assert result is not None
        logs = [
            Log(log.address, tuple(bytes(topic) for topic in log.data[0]), bytes(log.data[1]))
            for log in result.logs
        ]
        return Done(output, logs, result.gas_used)

    def _write(self, address: str, code: bytes) -> None:
        account = self.evm.basic(address)
        info = AccountInfo(  # type: ignore[call-arg]
            balance=account.balance, nonce=account.nonce, code=code
        )
        self.evm.insert_account_info(address, info)

    def _block(self) -> BlockEnv:
        return BlockEnv(number=self.number, timestamp=self.timestamp, gas_limit=2**63)

    def _tell_time(self) -> None:
        self.evm.set_block_env(self._block())

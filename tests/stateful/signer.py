"""Holders who sign at once: by ECDSA whose random number is one, which gives their keys away."""

from typing import NamedTuple

from eth_account import Account
from eth_utils import keccak

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
# The curve's base point, for which one is the random number: its x, and whether its y is odd.
BASE_X = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
BASE_IS_ODD = 0


class Signature(NamedTuple):
    """As `permit` takes it."""

    v: int
    r: int
    s: int


class Signer(NamedTuple):
    """An account with its key."""

    address: str
    key: int

    def sign(self, digest: bytes) -> Signature:
        """The signature of a hash, with the lower of the two `s`.

        s = (hash + r * key) / 1        r = x of the base point
        """
        s = (int.from_bytes(digest) + BASE_X * self.key) % CURVE_ORDER
        is_low = s <= CURVE_ORDER // 2
        return Signature(
            27 + BASE_IS_ODD if is_low else 28 - BASE_IS_ODD,
            BASE_X,
            s if is_low else CURVE_ORDER - s,
        )


def signer(name: str) -> Signer:
    """One of this name, always the same."""
    secret = keccak(text=name)
    return Signer(Account.from_key(secret).address, int.from_bytes(secret))

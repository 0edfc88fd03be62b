"""A taker who fills whatever a token offers, and counts at the true price."""

from fractions import Fraction
from typing import TypeGuard

from ape.api import AccountAPI
from ape.contracts import ContractInstance
from ape.exceptions import ContractLogicError

from scripts._devnet import ENDLESS, Devnet, undone
from tests.attack import purse
from tests.attack.venues import Traded


def fill_all(
    token: ContractInstance, taker: AccountAPI, most: int = ENDLESS, times: int = 8
) -> int:
    """Fill what is open, whichever way and at most `most` a time; how many fills it took."""
    for done in range(times):
        offer = token.auction()
        if offer.takes == 0:
            return done
        fill = token.fill_lever if offer.levering else token.fill_delever
        fill(most, 0, sender=taker)
    return times


def fill_part(token: ContractInstance, taker: AccountAPI, part: Fraction) -> int:
    """Fill `part` of what is open, whichever way; the debt that went, or 0 where it is nothing."""
    offer = token.auction()
    most = int(offer.brings * part)
    if offer.levering and token.preview_fill_lever(most)[1]:
        return token.fill_lever(most, 0, sender=taker).return_value[1]
    if not offer.levering and token.preview_fill_delever(most)[1]:
        return token.fill_delever(most, 0, sender=taker).return_value[0]
    return 0


def gain_of(
    devnet: Devnet,
    market: Traded,
    token: ContractInstance,
    taker: AccountAPI,
    truth: Fraction,
    lever: bool,
    most: int = ENDLESS,
) -> Fraction | str:
    """What a fill of at most `most` gains, in debt units at `truth`, or why it is refused.

    Nothing of it stays.
    """
    with undone():
        before = purse.worth(devnet, market, token, taker, truth)
        try:
            (token.fill_lever if lever else token.fill_delever)(most, 0, sender=taker)
        except ContractLogicError as fault:
            return fault.message
        return purse.worth(devnet, market, token, taker, truth) - before


def best_gain(
    devnet: Devnet,
    market: Traded,
    token: ContractInstance,
    taker: AccountAPI,
    truth: Fraction,
) -> Fraction:
    """The most that one fill of either kind gains, over sizes by powers of two; 0 is to do nothing.

    A venue that refuses the whole may take a part: so the largest that passes is looked for.
    """
    best = Fraction(0)
    for lever in (True, False):
        sizes = [1 << power for power in range(0, 128, 2)]
        gains = [gain_of(devnet, market, token, taker, truth, lever, size) for size in sizes]
        passed = [(gain, size) for gain, size in zip(gains, sizes, strict=True) if gain_is(gain)]
        if passed:
            best = max(best, *(gain for gain, _ in passed))
            low = max(size for _, size in passed)
            high = 4 * low
            while high - low > low >> 12:
                middle = (low + high) // 2
                found = gain_of(devnet, market, token, taker, truth, lever, middle)
                low, high = (middle, high) if gain_is(found) else (low, middle)
                best = max(best, found) if gain_is(found) else best
    return best


def gain_is(found: Fraction | str) -> TypeGuard[Fraction]:
    return isinstance(found, Fraction)

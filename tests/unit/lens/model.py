"""What Lens has to say of a token, by the model alone."""

from scripts._lens import Fault, Lane, State
from scripts._model import leverage_math
from scripts._model.revert import Revert
from scripts._model.token import Token

NOTHING = dict.fromkeys(
    ("supply", "collateral", "debt", "price", "venue_price", "assets", "leverage", "premium"), 0
) | dict.fromkeys(
    ("brings", "takes", "next_rebalance", "liquidity", "max_mint", "cap", "settled_at"), 0
)


def nothing(address: str, faults: Fault) -> State:
    """All that is told of a token of which nothing can be read."""
    return State(address, faults, **NOTHING, lane=Lane.CLOSED, levering=False, paused=False)


def state_of(model: Token, address: str) -> State:
    """All that is told of a token whose position and venue's oracle can be read."""
    collateral, debt = model.position.balances()
    faults = Fault.PRICE if model.fault else Fault(0)
    told = {
        "supply": model.true_supply(),
        "collateral": collateral,
        "debt": debt,
        "venue_price": model.position.market.price,
        "next_rebalance": model.next_rebalance(),
        "liquidity": model.position.liquidity(),
        "max_mint": model.max_mint(),
        "cap": model.cap,
        "settled_at": model.settled_at,
    }
    lane, levering = Lane.CLOSED, False
    if not model.fault:
        long = model.rules.long
        told["price"] = model.price
        told["assets"] = leverage_math.assets(collateral, debt, model.price, long)
        told["leverage"] = leverage_math.leverage(collateral, debt, model.price, long)
        try:
            auction = model.auction()
        except Revert:
            faults |= Fault.AUCTION
        else:
            lane, levering = Lane(auction.lane), auction.levering
            told |= {
                "premium": auction.premium,
                "brings": auction.brings,
                "takes": auction.takes,
            }
    return State(
        address, faults, **NOTHING | told, lane=lane, levering=levering, paused=model.paused
    )

"""T-A11: strike back from within a call, when one half of it is done and the other is not.

Seamless had a rebalance in whose middle shares could be minted at a ratio that was never true. Here
collateral and debt are both coins that call whom they are told to in every transfer, with shares,
coins and approvals of their own, so that each call would pass by itself. The matrix: every
transfer of every operation (the token's own pull, the venue's pull and payment, the pool's and the
router's) against every function of token, position, factory, router and keeper, views included.

The token answers nothing in the middle of its own calls, and so does each of the others. What does
answer is whatever is not under way: the position's views while the token pulls, the token itself
while a pool pays for the router. There the attacker finds a state that is whole.
"""

from collections.abc import Callable
from typing import Any

import pytest
from ape import project
from ape.contracts import ContractInstance
from ape.utils import ZERO_ADDRESS
from eth_abi import encode

from scripts._devnet import ENDLESS, POOL_FEE, WAD, next_0002, now, undone, warp_to
from tests.attack.made import make_market, make_token
from tests.attack.purse import fault, report
from tests.unit.router.zaps import open_pool

PRICE = 2 * 10**36
SHARES = 1_000 * WAD
LONGEST = 260  # bytes of a call that a coin can be armed with; only the factory's `create` has more
LACKS = {"transfer: allowance too low", "mint: collateral above max"}  # whose payment was used
OPERATIONS = ["mint", "redeem", "fill_lever", "fill_delever"]


@pytest.fixture
def coins(devnet, minter):
    """Of which the lender and the minter have plenty."""
    made = [minter.deploy(project.HostileToken) for _ in range(2)]
    for coin in made:
        for account in (devnet.roles.lender, minter):
            coin.mint(account, 10**30, sender=minter)
    return made


@pytest.fixture
def market(devnet, coins):
    open_pool(devnet, (*coins,), (10**24, 2 * 10**24), POOL_FEE)
    return make_market(devnet, coins, PRICE)


@pytest.fixture
def token(devnet, ballast, market, coins, minter):
    """3x long, most of it the minter's."""
    made = make_token(devnet, ballast, minter, market, seed=10**20)
    for spent in (*coins, made):
        spent.approve(ballast.router, ENDLESS, sender=minter)
    made.mint(SHARES, ENDLESS, 0, sender=minter)
    return made


@pytest.fixture
def arm(ballast, token, coins, minter):
    """`arm(target, calls)`: both coins make them, and have shares, coins and approvals for it."""

    def _arm(target: ContractInstance, calls: list[bytes]) -> None:
        for coin in coins:
            coin.arm(target, calls, sender=minter)

    for spent in coins:
        for owner in coins:
            spent.mint(owner, 10**24, sender=minter)
        for spender in (token, ballast.router):
            _arm(spent, [bytes(spent.approve.encode_input(spender, ENDLESS))])
            for owner in coins:
                owner.transfer(minter, 0, sender=minter)
    _arm(token, [bytes(token.approve.encode_input(ballast.router, ENDLESS))])
    for owner in coins:
        owner.transfer(minter, 0, sender=minter)
    _arm(token, [])
    for owner in coins:
        token.mint(SHARES, ENDLESS, 0, owner, minter, sender=minter)
    return _arm


@pytest.fixture
def perform(ballast, token, market, minter, post) -> Callable[[str], None]:
    """`perform("mint")`: by the minter, as it is possible in its turn."""

    def _perform(operation: str) -> None:
        order = (token, market.debt, POOL_FEE, WAD)
        if "lever" in operation or operation == "keeper.fill":
            warp_to(next_0002(now()) + 600)
            post(market, PRICE * (95 if operation == "fill_delever" else 105) // 100)
        if operation == "router.mint":
            ballast.router.mint(*order, 10**30, minter, ENDLESS, sender=minter)
        elif operation == "router.redeem":
            ballast.router.redeem(*order, 0, minter, ENDLESS, sender=minter)
        elif operation == "keeper.fill":
            ballast.keeper.fill(token, POOL_FEE, ENDLESS, 0, minter, sender=minter)
        elif operation.startswith("fill"):
            getattr(token, operation)(ENDLESS, 0, sender=minter)
        else:
            getattr(token, operation)(WAD, ENDLESS, 0, sender=minter)

    return _perform


@pytest.fixture
def doors(venue, ballast, token, market, coins):
    """`doors("token")`: a contract, and call data for each of its functions but immutables.

    Arguments are such that the call passes, if it may be made at all.
    """
    someone = coins[0].address
    order = (token, market.debt, POOL_FEE, WAD)
    swap = (1, -1, b"")
    upkeep = encode(
        ["address", "bool", "uint24", "uint256", "uint256", "address"],
        [token.address, False, POOL_FEE, ENDLESS, 0, someone],
    )
    special: dict[str, dict[str, tuple]] = {
        "token": {
            "seed": (1, 1, 1, someone),
            "mint": (WAD, ENDLESS, 0),
            "redeem": (WAD, ENDLESS, 0),
            "fill_lever": (ENDLESS, 0),
            "fill_delever": (ENDLESS, 0),
            "permit": (ZERO_ADDRESS, ZERO_ADDRESS, 0, 0, 27, bytes(32), bytes(32)),
        },
        "router": {
            "mint": (*order, 10**30, someone, ENDLESS),
            "mint_exact_in": (*order, 0, someone, ENDLESS),
            "redeem": (*order, 0, someone, ENDLESS),
            "quote_mint": order,
            "quote_mint_exact_in": order,
            "quote_redeem": order,
            "uniswapV3SwapCallback": swap,
        },
        "keeper": {
            "fill": (token, POOL_FEE, ENDLESS, 0, someone),
            "checkUpkeep": (upkeep,),
            "performUpkeep": (upkeep,),
            "uniswapV3SwapCallback": swap,
        },
        "factory": {"tokens": (0,), "token_of": (bytes(32),)},
        "position": {"purge": (market.debt,)},
    }
    plain: dict[str, Any] = {"address": someone, "uint256": 1, "bool": False}

    def _doors(name: str) -> tuple[ContractInstance, dict[str, bytes]]:
        contract = {
            "token": token,
            "position": venue.position.at(token.position()),
            "router": ballast.router,
            "keeper": ballast.keeper,
            "factory": ballast.factory,
        }[name]
        calls = {}
        for method in contract.contract_type.methods:
            if method.name.isupper() or (name, method.name) == ("factory", "create"):
                continue
            given = special[name].get(method.name)
            given = given or tuple(plain[part.type] for part in method.inputs)
            calls[method.name] = bytes(getattr(contract, method.name).encode_input(*given))
        assert max(map(len, calls.values())) <= LONGEST
        return contract, calls

    return _doors


@pytest.fixture
def strikes(arm, coins):
    """`strikes(target, calls, act)`: calls that were made while `act` ran, and that got through."""

    def counted() -> tuple[int, int]:
        return sum(coin.tried() for coin in coins), sum(coin.entered() for coin in coins)

    def _strikes(
        target: ContractInstance, calls: dict[str, bytes], act: Callable[[], None]
    ) -> tuple[int, int]:
        arm(target, list(calls.values()))
        before = counted()
        act()
        tried, entered = counted()
        return tried - before[0], entered - before[1]

    return _strikes


@pytest.mark.parametrize(
    ("operation", "target"),
    [(operation, each) for operation in OPERATIONS for each in ("token", "router", "keeper")]
    + [("router.mint", "router"), ("router.redeem", "router"), ("keeper.fill", "keeper")],
)
def test_a11_reentry_into_what_is_under_way_is_refused(strikes, doors, perform, operation, target):
    """I-X3: each function, in each transfer; router and keeper are no way around the token."""
    contract, calls = doors(target)

    tried, entered = strikes(contract, calls, lambda: perform(operation))

    assert tried >= 3 * len(calls)  # pulled, pulled by the venue, paid by the venue
    assert entered == 0


@pytest.mark.parametrize("target", ["token", "router", "keeper", "position", "factory"])
def test_a11_reentry_is_what_refuses_them(venue, strikes, doors, coins, minter, target):
    """The same calls in a transfer of no operation: all pass but those that only some may make, or
    that have nothing to do.
    """
    contract, calls = doors(target)
    refused = {"seed", "lever", "delever", "uniswapV3SwapCallback", "permit", "transferFrom"}
    refused |= {"set_paused", "set_cap", "set_treasury", "transfer_ownership"}
    refused |= {"accept_ownership", "renounce_ownership"}
    refused |= {"fill_lever", "fill_delever", "fill", "performUpkeep"} | venue.idle

    for name, data in calls.items():
        act = lambda: coins[0].transfer(minter, 1, sender=minter)  # noqa: E731
        tried, entered = strikes(contract, {name: data}, act)
        assert tried == 1 or name not in refused
        assert bool(entered) == (name not in refused), name


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a11_reentry_into_the_position_moves_nothing(venue, strikes, doors, perform, operation):
    """It answers while the token pulls, and is locked while it deals with the venue itself."""
    position, calls = doors("position")
    orders = calls.keys() & {"lever", "delever"}

    _, entered = strikes(position, calls, lambda: perform(operation))

    assert len(orders) == 2
    # a claim asks the token, which is locked
    shut = venue.idle | (venue.doors & {"claim_rewards"})
    assert entered == len(calls) - len(orders) - len(shut)


def test_a11_reentry_between_creation_and_seed_finds_nothing_to_take(
    venue, ballast, arm, strikes, doors, coins, market, minter, creation
):
    """The collateral is pulled when the token exists and its seed does not."""
    arm(coins[0], [])
    order = creation(market, 10**20)
    alone = ballast.factory.create.call(*order, sender=minter)
    made = project.LeveragedToken.at(alone)
    _, calls = doors("token")
    factory, views = doors("factory")
    moves = {name: calls[name] for name in ("seed", "mint", "redeem", "fill_lever", "fill_delever")}
    create = lambda: ballast.factory.create(*order, sender=minter)  # noqa: E731

    with undone():
        assert strikes(factory, views, create)[1] == 0
    tried, entered = strikes(made, moves, create)

    assert tried == (3 + venue.forwards) * len(moves) and entered == 0
    assert [made.balanceOf(coin) for coin in coins] == [0, 0]


@pytest.mark.parametrize("operation", [*OPERATIONS, "router.mint", "router.redeem"])
@pytest.mark.parametrize("target", ["token", "position", "router", "keeper"])
def test_a11_reentry_takes_nothing_from_the_victim(
    strikes, doors, perform, token, market, coins, worth, minter, operation, target
):
    """Against the same operation, left alone.

    In front of the router's mint and redemption the pool has paid the position already. The token
    is not under way then: the attacker's own mint finds the payment, and uses it. But the victim's
    then lacks it, and reverts with all that was done within.
    """
    contract, calls = doors(target)
    gains, kept = [], []
    for armed in ({}, calls):
        with undone():
            wealth = sum(worth(market, token, coin) for coin in coins)
            before = worth(market, token, minter)
            refused = fault(lambda: strikes(contract, armed, lambda: perform(operation)))  # noqa: B023
            gains.append(sum(worth(market, token, coin) for coin in coins) - wealth)
            kept.append(worth(market, token, minter) - before)

    stolen = target == "token" and operation.startswith("router")
    assert refused in (LACKS if stolen else {""})
    assert kept[1] >= kept[0] - 1
    assert not refused or (gains[1], kept[1]) == (0, 0)
    report("a11", market, gains[1] - gains[0], 0)

"""A token, its position and its seed shares, in one transaction, at an address known before."""

import ape
import pytest
from ape import project
from ape.utils import ZERO_ADDRESS
from eth_abi import encode
from eth_utils import keccak

from scripts._devnet import CAP, ENDLESS, RULES, TOKENS, USDC, WAD, set_price
from tests.first_child import first_child
from tests.unit.agent import send_agent, through
from tests.unit.leveraged_token.logs import emitted
from tests.unit.morpho_position.markets import books, donate, drain, open_market, use_market

DEAD = "0x000000000000000000000000000000000000dEaD"
SIDES = pytest.mark.parametrize("long", [True, False], ids=["long", "short"])


@SIDES
def test_create_makes_a_token_at_target(devnet, create, long):
    token = create(long=long)
    market = devnet.long if long else devnet.short

    position = project.MorphoPosition.at(token.position())
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-6)
    assert position.TOKEN() == token
    assert position.MORPHO() == devnet.morpho
    assert position.ID() == market.id
    assert (token.collateral(), token.debt()) == (market.collateral, market.debt)


@SIDES
def test_create_keeps_what_it_is_given(devnet, factory, create, owner, treasury, long):
    token = create(long=long, band=WAD // 10, symbol="$" * 32)

    name, own = TOKENS["ETHBULL" if long else "ETHBEAR"]
    rules = RULES | own | {"band": WAD // 10}
    assert (token.name(), token.symbol()) == (name, "$" * 32)
    assert {field: getattr(token.rules(), field) for field in rules} == rules
    assert token.oracle() == (devnet.long if long else devnet.short).fill_oracle
    assert token.treasury() == treasury
    assert token.owner() == owner
    assert token.cap() == CAP
    assert token.factory() == factory


def test_create_takes_a_name_of_64_bytes(create):
    assert create(name="N" * 64).name() == "N" * 64


@SIDES
def test_create_takes_the_seed_and_pays_its_debt(
    devnet, factory, arguments, creator, weth, usdc, long
):
    collateral, debt = (weth, usdc) if long else (usdc, weth)
    seed = arguments(long=long)[-1]
    purse = collateral.balanceOf(creator), debt.balanceOf(creator)

    receipt = factory.create(*arguments(long=long), sender=creator)

    token = project.LeveragedToken.at(receipt.return_value)
    borrowed = 200 * USDC if long else 15 * WAD // 100
    market = devnet.long if long else devnet.short
    assert collateral.balanceOf(creator) == purse[0] - seed
    assert debt.balanceOf(creator) - purse[1] == pytest.approx(borrowed, rel=1e-9)
    assert books(devnet, market, token.position())[0] == seed
    for coin in (weth, usdc):
        for contract in (factory, token, token.position()):
            assert coin.balanceOf(contract) == 0


@SIDES
def test_create_locks_shares_of_one_quote_unit_each(create, long):
    token = create(long=long)

    assert token.balanceOf(DEAD) == token.totalSupply()
    assert token.totalSupply() == pytest.approx(100 * WAD, rel=1e-8)
    assert token.convertToAssets(WAD) == pytest.approx(USDC, abs=1)


def test_create_has_the_seed_minted_by_the_factory(factory, arguments, creator):
    receipt = factory.create(*arguments(), sender=creator)

    token = project.LeveragedToken.at(receipt.return_value)
    (minted,) = [fields for name, fields in emitted(receipt, token) if name == "Minted"]
    assert (minted["caller"], minted["receiver"]) == (factory, DEAD)
    assert (minted["shares"], minted["fee"]) == (token.totalSupply(), 0)


def test_create_tells_of_it_and_registers(factory, arguments, creator):
    count = factory.count()

    receipt = factory.create(*arguments(), sender=creator)

    token = project.LeveragedToken.at(receipt.return_value)
    created = {"token": token, "position": token.position(), "creator": creator}
    assert emitted(receipt, factory) == [("Created", created)]
    assert factory.count() == count + 1
    assert factory.tokens(count) == token
    assert factory.is_token(token)


def test_registry_knows_only_its_own(factory, tokens, stranger):
    listed = [factory.tokens(index) for index in range(factory.count())]

    assert {token.address for token in tokens.values()} <= set(listed)
    assert all(factory.is_token(token) for token in listed)
    for other in (stranger, factory, tokens["ETHBULL"].position(), ZERO_ADDRESS):
        assert not factory.is_token(other)
    assert factory.tokens(factory.count()) == ZERO_ADDRESS


def test_token_of_finds_a_token_by_its_terms(factory, arguments, create):
    name, symbol, rules, oracle, treasury, owner, cap, market, _ = arguments()
    inputs = factory.create.abis[0].inputs[:-1]
    ordered = [rules[field.name] for field in inputs[2].components]
    people = [treasury.address, owner.address]
    terms = [name, symbol, ordered, oracle.address, *people, cap, market]

    token = create()

    key = keccak(encode([kind.canonical_type for kind in inputs], terms))
    assert factory.token_of(key) == token
    assert factory.token_of(bytes(32)) == ZERO_ADDRESS


@SIDES
def test_create_gives_the_address_that_was_simulated(simulate, create, long):
    expected = simulate(long=long)

    assert create(long=long) == expected


def test_create_by_another_with_another_seed_has_the_same_address(
    factory, simulate, arguments, weth, taker
):
    expected = simulate()
    weth.approve(factory, ENDLESS, sender=taker)

    receipt = factory.create(*arguments(collateral=WAD), sender=taker)

    assert receipt.return_value == expected


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another"},
        {"symbol": "OTHER"},
        {"cap": 1},
        {"mint_fee": 0},
        {"owner": ZERO_ADDRESS},
        {"treasury": DEAD},
    ],
    ids=lambda change: next(iter(change)),
)
def test_create_of_another_token_has_another_address(simulate, change):
    assert simulate(**change) != simulate()


def test_create_after_a_donation_to_its_address_is_not_changed(
    devnet, simulate, create, weth, usdc, taker
):
    token_address = simulate()
    position = first_child(token_address)
    for coin in (weth, usdc):
        for target in (token_address, position):
            coin.transfer(target, 1, sender=taker)
    donate(devnet, devnet.long, position, taker, 1)

    token = create()

    assert token == token_address
    assert token.position() == position
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-6)
    assert token.totalSupply() == pytest.approx(100 * WAD, rel=1e-8)
    assert books(devnet, devnet.long, position)[0] == 15 * WAD // 100 + 1
    assert (weth.balanceOf(position), usdc.balanceOf(position)) == (1, 1)


def test_create_after_a_large_donation_serves_the_next_minter_all_the_same(
    devnet, simulate, create, taker
):
    """T-M1: whoever pre-funds the position gives to the seed; a minter pays the right price."""
    donate(devnet, devnet.long, first_child(simulate()), taker, 1_000 * WAD)
    token = create()
    devnet.weth.approve(token, ENDLESS, sender=taker)
    assets, supply = token.totalAssets(), token.totalSupply()

    token.mint(WAD // 100, ENDLESS, 0, sender=taker)

    assert token.convertToAssets(WAD // 100) == pytest.approx(
        WAD // 100 * assets / supply, rel=1e-3
    )


def test_create_twice_reverts(simulate, create):
    create()

    with ape.reverts("factory: token exists"):
        simulate()


def test_create_without_an_owner_passes(create):
    assert create(owner=ZERO_ADDRESS).owner() == ZERO_ADDRESS


def test_create_without_a_treasury_reverts(simulate):
    with ape.reverts("token: treasury is zero"):
        simulate(treasury=ZERO_ADDRESS)


def test_create_with_a_cap_that_could_overflow_reverts(simulate):
    with ape.reverts("token: cap out of bounds"):
        simulate(cap=2**112 + 1)


def test_create_on_an_unknown_market_reverts(simulate):
    with ape.reverts("position: market is unknown"):
        simulate(market=b"\x01" * 32)


def test_create_on_an_unused_market_reverts(devnet, simulate, weth, usdc):
    market = open_market(devnet, weth, usdc, 2_000 * 10**24)

    with ape.reverts("position: market is empty"):
        simulate(market=market.id)


def test_create_on_a_spoiled_market_reverts(devnet, simulate, weth, usdc, taker):
    market = open_market(devnet, weth, usdc, 2_000 * 10**24)
    donate(devnet, market, taker.address, taker, WAD)
    devnet.morpho.borrow(market.params, 0, 10**6 - 1, taker, taker, sender=taker)
    lender = devnet.roles.lender
    devnet.morpho.supply(market.params, 10**9, 0, lender, b"", sender=lender)
    devnet.morpho.borrow(market.params, 10**4, 0, taker, taker, sender=taker)

    with ape.reverts("position: market is spoiled"):
        simulate(market=market.id)


@pytest.fixture
def oracle_at(creator):
    """A fill oracle that says so."""
    return lambda price: creator.deploy(project.SettableOracle, price)


PRICE = 2_000 * 10**24


@pytest.mark.parametrize("venue", ["2040", "1960"])  # apart by just 2 % of the token's own
def test_create_with_oracles_two_percent_apart_passes(devnet, create, oracle_at, venue):
    set_price(devnet, venue)

    assert create(oracle=oracle_at(PRICE)).leverage() == pytest.approx(3 * WAD, rel=1e-6)


@pytest.mark.parametrize("venue", ["2040.00000001", "1959.99999999"])
def test_create_with_oracles_further_apart_reverts(devnet, simulate, oracle_at, venue):
    set_price(devnet, venue)

    with ape.reverts("factory: oracles disagree"):
        simulate(oracle=oracle_at(PRICE))


@pytest.mark.parametrize("price", [PRICE * 10**12, 1], ids=["mis-scaled", "tiny"])
def test_create_with_an_absurd_oracle_reverts(simulate, oracle_at, price):
    with ape.reverts("factory: oracles disagree"):
        simulate(oracle=oracle_at(price))


def test_create_with_a_dead_oracle_reverts(simulate, oracle_at, creator):
    oracle = oracle_at(1)
    oracle.set_price(0, sender=creator)

    with ape.reverts("settable oracle: no price"):
        simulate(oracle=oracle)


def test_create_with_the_venues_oracle_dead_reverts(devnet, simulate, oracle_at, creator):
    devnet.eth_feed.set_failing(True, sender=creator)

    with ape.reverts("feed: told to fail"):
        simulate(oracle=oracle_at(PRICE))


@pytest.mark.parametrize("long", [True, False], ids=["long", "short"])
def test_create_with_the_smallest_seed_passes(create, long):
    # 0.001 dollars of NAV, three or four times geared
    seed = 15 * 10**11 if long else 4_000
    token = create(long=long, collateral=seed)

    assert token.totalSupply() == pytest.approx(10**15, rel=1e-2)
    assert token.leverage() == pytest.approx(3 * WAD, rel=1e-2)


@pytest.mark.parametrize(("long", "seed"), [(True, 149 * 10**10), (False, 3_990), (True, 0)])
def test_create_with_too_small_a_seed_reverts(simulate, long, seed):
    with ape.reverts("factory: seed too small"):
        simulate(long=long, collateral=seed)


def test_create_without_the_seed_reverts(factory, arguments, usdc, stranger):
    usdc.approve(factory, ENDLESS, sender=stranger)

    with ape.reverts("transfer: balance too low"):
        factory.create.call(*arguments(long=False), sender=stranger, skip_trace=True)


def test_create_in_a_quote_asset_of_too_many_decimals_reverts(devnet, simulate, creator):
    coins = [creator.deploy(project.TestToken, "T", "T", decimals) for decimals in (18, 19)]
    market = open_market(devnet, *coins, 10**37)
    use_market(devnet, market, lent=10**24, borrowed=10**22)

    with ape.reverts("factory: too many decimals"):
        simulate(market=market.id, oracle=market.fill_oracle)


def test_create_in_a_quote_asset_of_18_decimals_counts_shares_in_it(
    devnet, factory, create, creator
):
    coins = [creator.deploy(project.TestToken, "T", "T", 18) for _ in range(2)]
    market = open_market(devnet, *coins, 2 * 10**36)
    use_market(devnet, market, lent=10**24, borrowed=10**22)
    coins[0].mint(creator, 15 * WAD, sender=creator)
    coins[0].approve(factory, ENDLESS, sender=creator)

    token = create(market=market.id, oracle=market.fill_oracle, collateral=15 * WAD)

    assert token.totalSupply() == 10 * WAD


def test_create_takes_a_market_of_up_to_224_bytes(devnet, simulate):
    """As another venue may need; of Morpho's id the rest is ignored."""
    market = devnet.long.id + bytes(192)

    assert simulate(market=market) != simulate()


def test_create_from_a_drained_venue_reverts(devnet, simulate):
    drain(devnet, devnet.long, 0)

    with ape.reverts("insufficient liquidity"):
        simulate()


def test_create_at_another_price_seeds_by_it(devnet, create):
    set_price(devnet, "2500")

    assert create().totalSupply() == pytest.approx(125 * WAD, rel=1e-8)


def test_factory_names_its_parts(devnet, factory):
    assert factory.VENUE() == devnet.morpho
    for blueprint in (factory.TOKEN_BLUEPRINT(), factory.POSITION_BLUEPRINT()):
        code = ape.networks.provider.get_code(blueprint)
        assert code[:3] == b"\xfe\x71\x00"  # ERC-5202: reverts when called, version 0, no data


def test_create_costs_less_than_six_million_gas(factory, arguments, creator):
    receipt = factory.create(*arguments(), sender=creator)

    assert receipt.gas_used < 6_000_000


def test_create_by_a_contract_takes_from_it_and_pays_it(
    devnet, factory, arguments, creator, weth, usdc
):
    """Never from or to whoever signed, who has approved the factory too."""
    agent = send_agent(creator)
    weth.transfer(agent, WAD, sender=devnet.roles.lender)
    through(agent, creator, weth.approve, factory, ENDLESS)
    before = weth.balanceOf(creator), usdc.balanceOf(creator)

    receipt = through(agent, creator, factory.create, *arguments())

    (_, fields) = emitted(receipt, factory)[0]
    assert fields["creator"] == agent.address
    assert weth.balanceOf(agent) == WAD - arguments()[-1]
    assert usdc.balanceOf(agent) == pytest.approx(200 * USDC, rel=1e-8)
    assert (weth.balanceOf(creator), usdc.balanceOf(creator)) == before

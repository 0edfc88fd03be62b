"""The constructor refuses every configuration that could misprice, and shows what it keeps."""

import pytest

NOBODY = "0x" + "00" * 20
NO_FEED = (NOBODY, 0, 0, 0)
FIELDS = ("feed", "heartbeat", "floor", "ceiling")
LEGS = pytest.mark.parametrize("leg", ["base", "quote"])

SCALE = 10 ** (36 + 6 + 8 - 18 - 8)
HIGHEST = (2**256 - 1) // SCALE


def but(rules, **changes):
    """The same rules except for the fields that are named."""
    return tuple((dict(zip(FIELDS, rules, strict=True)) | changes).values())


def test_init_shows_its_configuration(oracle, collateral, debt, rules, sequencer, grace):
    assert oracle.COLLATERAL() == collateral
    assert oracle.DEBT() == debt
    assert tuple(oracle.BASE()) == rules["base"]
    assert tuple(oracle.QUOTE()) == rules["quote"]
    assert oracle.SEQUENCER() == sequencer
    assert oracle.GRACE() == grace
    assert oracle.SCALE() == SCALE


def test_init_without_any_feed_reverts(init_fault):
    assert init_fault(base=NO_FEED, quote=NO_FEED) == "oracle: no feed"


@pytest.mark.parametrize("lacking", [{"sequencer": NOBODY}, {"grace": 0}])
def test_init_with_only_one_of_sequencer_and_grace_reverts(init_fault, lacking):
    assert init_fault(**lacking) == "oracle: sequencer grace mismatch"


@LEGS
def test_init_without_heartbeat_reverts(init_fault, rules, leg):
    assert init_fault(**{leg: but(rules[leg], heartbeat=0)}) == "oracle: heartbeat is zero"


@LEGS
def test_init_without_floor_reverts(init_fault, rules, leg):
    assert init_fault(**{leg: but(rules[leg], floor=0)}) == "oracle: floor is zero"


@LEGS
def test_init_with_floor_above_ceiling_reverts(init_fault, rules, leg):
    crossed = but(rules[leg], floor=10**10 + 1, ceiling=10**10)

    assert init_fault(**{leg: crossed}) == "oracle: floor above ceiling"


def test_init_with_floor_at_ceiling_prices(deploy, rules):
    answer = 3_000 * 10**8

    oracle = deploy(base=but(rules["base"], floor=answer, ceiling=answer))

    assert oracle.price() == 3_000 * 10**24


@LEGS
@pytest.mark.parametrize("field", ["heartbeat", "floor", "ceiling"])
def test_init_with_rules_but_no_feed_reverts(init_fault, leg, field):
    assert init_fault(**{leg: but(NO_FEED, **{field: 1})}) == "oracle: rules without a feed"


@pytest.mark.parametrize("token", ["collateral", "debt"])
def test_init_with_token_of_19_decimals_reverts(project, deployer, init_fault, token):
    nineteen = deployer.deploy(project.TestToken, "Nineteen", "19", 19)

    assert init_fault(**{token: nineteen}) == "oracle: token decimals above 18"


@LEGS
def test_init_with_feed_of_19_decimals_reverts(project, deployer, init_fault, rules, leg):
    nineteen = but(rules[leg], feed=deployer.deploy(project.Feed, 19, "Nineteen", 1).address)

    assert init_fault(**{leg: nineteen}) == "oracle: feed decimals above 18"


@LEGS
def test_init_with_feed_without_code_reverts(deployer, init_fault, rules, leg):
    assert init_fault(**{leg: but(rules[leg], feed=deployer.address)}) == "execution reverted"


def test_init_with_highest_ceiling_prices(deployer, deploy, feeds, rules):
    oracle = deploy(base=but(rules["base"], ceiling=HIGHEST))

    feeds["base"].post(HIGHEST, sender=deployer)
    assert oracle.price() == HIGHEST * SCALE // 10**8


def test_init_with_ceiling_past_highest_reverts(init_fault, rules):
    assert init_fault(base=but(rules["base"], ceiling=HIGHEST + 1)) == "oracle: price may overflow"


def test_init_with_lowest_price_of_a_billion_prices(deployer, deploy, feeds, rules):
    ceiling = SCALE // 10**9
    base = but(rules["base"], floor=1)
    quote = but(rules["quote"], ceiling=ceiling)

    oracle = deploy(base=base, quote=quote)

    feeds["base"].post(1, sender=deployer)
    feeds["quote"].post(ceiling, sender=deployer)
    assert oracle.price() == 10**9


def test_init_with_lowest_price_below_a_billion_reverts(init_fault, rules):
    base = but(rules["base"], floor=1)
    quote = but(rules["quote"], ceiling=SCALE // 10**9 + 1)

    assert init_fault(base=base, quote=quote) == "oracle: price loses precision"


def test_init_with_base_alone_and_lowest_price_of_a_billion_prices(project, deployer, deploy):
    """Without a feed the debt's price is 1, and nothing else."""
    debt = deployer.deploy(project.TestToken, "Nine", "9", 9)
    feed = deployer.deploy(project.Feed, 18, "Dust", 1)

    oracle = deploy(debt=debt, base=(feed.address, 3_600, 1, 1), quote=NO_FEED)

    assert oracle.price() == oracle.SCALE() == 10**9


@pytest.mark.parametrize("beyond", [0, 1])
def test_init_with_quote_alone_is_held_to_a_lowest_price_of_a_billion(
    deploy, init_fault, collateral, debt, rules, beyond
):
    scale = 10 ** (36 + 18 + 8 - 6)
    quote = but(rules["base"], ceiling=scale // 10**9 + beyond)
    changes = {"collateral": debt, "debt": collateral, "base": NO_FEED, "quote": quote}

    if beyond:
        assert init_fault(**changes) == "oracle: price loses precision"
    else:
        assert deploy(**changes).SCALE() == scale

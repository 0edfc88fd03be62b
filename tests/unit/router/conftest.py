"""The router, someone who has approved it, and what must hold after each test: it keeps nothing."""

import pytest
from ape import networks
from eth_account import Account

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD
from tests.unit.router import zaps

FAR_FEE, SHALLOW_FEE = 3_000, 10_000
PERMIT = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


@pytest.fixture
def router(ballast):
    return ballast.router


@pytest.fixture(autouse=True)
def keeps_nothing(ask, router, tokens, weth, usdc):
    """Neither the router nor a position ever has more or less than before.

    Called in a test, it takes what lies there now as what has to stay.
    """
    holders = [(router,), *((token.position(),) for token in tokens.values())]
    before: list = []

    def holdings() -> list:
        coins = (weth, usdc, *tokens.values())
        return [router.balance, *(ask(coin.balanceOf, holders) for coin in coins)]

    def remember() -> None:
        before[:] = holdings()

    remember()
    yield remember
    assert holdings() == before


@pytest.fixture(scope="module")
def payer(ballast, tokens, devnet, minter):
    """The minter, who has approved the router for everything."""
    for coin in (devnet.weth, devnet.usdc, *tokens.values()):
        coin.approve(ballast.router, ENDLESS, sender=minter)
    return minter


@pytest.fixture
def lender(devnet):
    """May do anything with its endless tokens."""
    return devnet.roles.lender


@pytest.fixture(
    params=[
        f"{symbol}-{asset}"
        for symbol in ("ETHBULL", "ETHBEAR")
        for asset in ("collateral", "debt", "ether")
    ]
)
def zap(request, tokens, weth, usdc):
    """A long and a short token, each with collateral, debt and ether: once it is either."""
    symbol, asset = request.param.split("-")
    token = tokens[symbol]
    collateral, debt = (weth, usdc) if token.rules().long else (usdc, weth)
    native = asset == "ether"
    coin = {"collateral": collateral, "debt": debt, "ether": weth}[asset]
    asset = zaps.NATIVE if native else coin.address
    return zaps.Zap(token, collateral, debt, asset, coin == debt, native)


@pytest.fixture
def cost(devnet):
    """What minting so many shares must cost, by the venue's books and the pool's own words."""

    def _cost(zap, shares, fee=POOL_FEE):
        collateral, debt = zap.token.preview_mint(shares)
        pair = zap.debt.address, zap.collateral.address
        if zap.in_debt:
            return zaps.price_of(devnet, *pair, collateral, fee) - debt
        return collateral - (zaps.proceeds_of(devnet, *pair, debt, fee) if debt else 0)

    return _cost


@pytest.fixture
def worth(devnet):
    """What redeeming so many shares must pay, likewise."""

    def _worth(zap, shares, fee=POOL_FEE):
        debt, collateral = zap.token.preview_redeem(shares)
        pair = zap.collateral.address, zap.debt.address
        if zap.in_debt:
            return zaps.proceeds_of(devnet, *pair, collateral, fee) - debt
        return collateral - (zaps.price_of(devnet, *pair, debt, fee) if debt else 0)

    return _worth


@pytest.fixture
def far_pool(devnet, weth, usdc):
    """Its fee tier: a pool where ETH costs half of what the venue thinks."""
    zaps.open_pool(devnet, (weth, usdc), (10**6 * WAD, 10**9 * USDC), FAR_FEE)
    return FAR_FEE


@pytest.fixture
def shallow_pool(devnet, weth, usdc):
    """Its fee tier: a pool with a tenth of an ETH in it, all of it near the price."""
    amounts = WAD // 10, 200 * USDC
    zaps.open_pool(devnet, (weth, usdc), amounts, SHALLOW_FEE, spacings=1)
    return SHALLOW_FEE


@pytest.fixture
def list_coin(devnet, ballast, minter):
    """`list_coin(coin)`: a 3x long token of a test token that is worth 2,000 USDC."""

    return lambda coin: zaps.list_coin(devnet, ballast, minter, coin)


@pytest.fixture
def holder(zap, payer):
    """The payer, with 1,000 shares."""
    zap.token.mint(1_000 * WAD, ENDLESS, 0, sender=payer)
    return payer


@pytest.fixture
def sign(router, minter):
    """`sign(coin, name, amount, deadline)`: the minter's permit for the router, as it takes it."""

    def _sign(coin, name, amount, deadline, signer=minter):
        message = {
            "owner": minter.address,
            "spender": router.address,
            "value": amount,
            "nonce": coin.nonces(minter),
            "deadline": deadline,
        }
        domain = {
            "name": name,
            "version": "1",
            "chainId": networks.provider.chain_id,
            "verifyingContract": coin.address,
        }
        signed = Account.sign_typed_data(signer.private_key, domain, PERMIT, message)
        signature = signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
        return amount, deadline, *signature

    return _sign

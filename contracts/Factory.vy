# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Factory
@license MIT
@notice  A token, its position and its seed shares, in one transaction.
@dev     One factory serves one venue. Anyone may create; what is created is in the registry, with
         rules that passed `rule_book`. The oracle, treasury and owner are the creator's choice:
         look at them before you buy.
@custom:invariants
    1. Every token in the registry was made from `TOKEN_BLUEPRINT`, on `VENUE`, with safe rules.
    2. Every token in the registry has seed shares that nobody can redeem.
    3. It holds no tokens.
@custom:kill  none: there is no owner and no switch
"""
from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from .interfaces import IFactory
from .interfaces import ILeveragedToken
from .interfaces import IOracle
from .interfaces import IPosition
from .modules import fixed_point as fp
from .modules import leverage_math
from .modules import rule_book

implements: IFactory


event Created:
    token: indexed(address)
    position: indexed(address)
    creator: indexed(address)


MAX_DISAGREEMENT: constant(uint256) = 2 * 10**16  # between the token's and the venue's oracle
MIN_SEED: constant(uint256) = 10**15  # shares, which start at one unit of the quote asset
SHARE_DECIMALS: constant(uint256) = 18

TOKEN_BLUEPRINT: public(immutable(address))
POSITION_BLUEPRINT: public(immutable(address))
VENUE: public(immutable(address))

tokens: public(HashMap[uint256, address])
count: public(uint256)
is_token: public(HashMap[address, bool])
token_of: public(HashMap[bytes32, address])  # by the hash of its parameters


@deploy
def __init__(token_blueprint: address, position_blueprint: address, venue: address):
    """
    @param token_blueprint    ERC-5202 blueprint of `LeveragedToken`.
    @param position_blueprint ERC-5202 blueprint of a position on `venue`.
    @param venue              The lending market's contract: its positions' first argument.
    """
    TOKEN_BLUEPRINT = token_blueprint
    POSITION_BLUEPRINT = position_blueprint
    VENUE = venue


@external
def create(
    name: String[64],
    symbol: String[32],
    rules: ILeveragedToken.Rules,
    oracle: IOracle,
    treasury: address,
    owner: address,
    cap: uint256,
    market: Bytes[224],
    collateral: uint256,
) -> address:
    """
    @notice Create a token and seed it at target leverage, at one unit of the quote asset a share.
    @dev    The address depends on all arguments but the last: simulate the call to learn it.
            Tokens and shares that strangers sent to the address before do no harm.
    @param market     The position's further arguments, ABI-encoded. Morpho Blue: the market's id.
                      Aave v3: collateral, debt, e-mode category.
    @param collateral For the seed, from the caller, who receives the debt. Its shares are locked.
    @return The token.
    """
    key: bytes32 = keccak256(abi_encode(name, symbol, rules, oracle, treasury, owner, cap, market))
    assert self.token_of[key] == empty(address), "factory: token exists"
    token: address = create_from_blueprint(
        TOKEN_BLUEPRINT,
        name,
        symbol,
        rules,
        oracle,
        treasury,
        owner,
        cap,
        POSITION_BLUEPRINT,
        concat(convert(VENUE, bytes32), market),
        salt=key,
    )
    self.token_of[key] = token
    self.is_token[token] = True
    self.tokens[self.count] = token
    self.count += 1

    position: IPosition = IPosition(staticcall ILeveragedToken(token).position())
    price: uint256 = staticcall oracle.price()
    lltv: uint256 = self._check(position, rules, price)
    shares: uint256 = 0
    debt: uint256 = 0
    shares, debt = self._seed(position, rules, price, collateral)
    extcall IERC20(staticcall position.collateral()).transferFrom(
        msg.sender, position.address, collateral, default_return_value=True
    )
    extcall ILeveragedToken(token).seed(shares, collateral, debt, msg.sender)
    assert (staticcall position.liquidation())[0] >= lltv, "factory: venue liquidates sooner"
    log Created(token=token, position=position.address, creator=msg.sender)
    return token


@view
@internal
def _check(position: IPosition, rules: ILeveragedToken.Rules, price: uint256) -> uint256:
    """
    @return The liquidation LTV that the rules are safe with. An account that is empty may not know
            its own: once seeded it must be no lower.
    """
    lltv: uint256 = 0
    bonus: uint256 = 0
    lltv, bonus = staticcall position.liquidation()
    rule_book._check(rules, lltv, bonus)

    venue_price: uint256 = staticcall position.price()
    apart: uint256 = max(price, venue_price) - min(price, venue_price)
    assert apart * fp.WAD <= price * MAX_DISAGREEMENT, "factory: oracles disagree"
    return lltv


@view
@internal
def _seed(
    position: IPosition, rules: ILeveragedToken.Rules, price: uint256, collateral: uint256
) -> (uint256, uint256):
    """
    @return Seed shares and the debt behind them, both rounded down.

        D = V * (G - 1) / G           so that V / (V - D) = G
    """
    gearing: uint256 = leverage_math._gearing(rules.target, rules.long)
    value: uint256 = fp._mul_div_down(collateral, price, fp.SCALE)
    debt: uint256 = fp._mul_div_down(value, gearing - fp.WAD, gearing)

    quote: address = staticcall position.collateral()
    if rules.long:
        quote = staticcall position.debt()
    decimals: uint256 = convert(staticcall IERC20Detailed(quote).decimals(), uint256)
    assert decimals <= SHARE_DECIMALS, "factory: too many decimals"
    assets: uint256 = leverage_math._assets(collateral, debt, price, rules.long)
    shares: uint256 = assets * 10**(SHARE_DECIMALS - decimals)
    assert shares >= MIN_SEED, "factory: seed too small"
    return shares, debt

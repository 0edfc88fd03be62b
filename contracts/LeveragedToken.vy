# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title   Leveraged token
@license MIT
@notice  An ERC-20 share of one levered position, minted and redeemed in kind, pro rata.
@dev     Everything is one of two moves of the position:

                                       shares change      shares fixed
         lever   (collateral in,       mint               fill_lever, below target
                  debt out)
         delever (debt in,             redeem             fill_delever, above target
                  collateral out)

         Mint and redeem read no price. A fill is an auction against the oracle's price, open by the
         clock and the position alone; nothing of it is stored but the day's parcel.
         Order of every call: checks, own state, tokens in, venue (which pays out), event.
         C and D are collateral and debt from the venue after interest, S the supply after fees.
         What a venue may lose by rounding, its grain, is for whoever acts: they bring so much more
         and take so much less.
@custom:invariants
    1. Neither mint nor redeem lowers collateral per share or raises debt per share.
    2. A fill moves leverage toward target and never across it.
    3. Supply is never zero: the seed shares are locked for good.
    4. Rules, oracle and position never change.
@custom:kill  minting and levering can be paused; `redeem` and `fill_delever` have no switch
"""
from ethereum.ercs import IERC20
from .interfaces import ILeveragedToken
from .interfaces import IOracle
from .interfaces import IPosition
from .modules import daily_schedule
from .modules import fixed_point as fp
from .modules import leverage_math
from .modules import premium_curve
from .modules import share_ledger
from .modules import streaming_fee
from .modules import two_step_owner
from .modules import typed_permit

implements: ILeveragedToken
implements: IERC20

initializes: share_ledger
initializes: typed_permit[share_ledger := share_ledger]
initializes: two_step_owner


event Minted:
    caller: indexed(address)
    receiver: indexed(address)
    shares: uint256
    fee: uint256
    collateral: uint256
    debt: uint256


event Redeemed:
    caller: indexed(address)
    owner: indexed(address)
    receiver: indexed(address)
    shares: uint256
    fee: uint256
    debt: uint256
    collateral: uint256


event Filled:
    taker: indexed(address)
    receiver: indexed(address)
    lane: ILeveragedToken.Lane
    levering: bool
    premium: int256
    collateral: uint256
    debt: uint256


event FeeAccrued:
    treasury: indexed(address)
    shares: uint256


event Paused:
    paused: bool


event CapSet:
    cap: uint256


event TreasurySet:
    treasury: indexed(address)


# What a taker may do now.
struct Offer:
    lane: ILeveragedToken.Lane
    levering: bool
    premium: int256
    reach: uint256  # debt leg that would reach the band's edge, in the scheduled lane
    open: uint256  # debt leg that may be filled
    price: uint256  # debt for a unit of collateral, premium included, scaled by 1e36


MAX_CAP: constant(uint256) = 2**112  # keeps every product of shares within 256 bits
CAP_MASK: constant(uint256) = 2**120 - 1
LOCKED: constant(address) = 0x000000000000000000000000000000000000dEaD  # holds the seed shares

FACTORY: immutable(address)
POSITION: immutable(IPosition)
ORACLE: immutable(IOracle)
COLLATERAL: immutable(IERC20)
DEBT: immutable(IERC20)
NAME: immutable(String[64])
SYMBOL: immutable(String[32])
RULES: immutable(ILeveragedToken.Rules)

treasury: public(address)
# settled_at << 128 | cap << 8 | paused                one word, since every mint reads all three
limits: uint256
parcel: uint256  # see `daily_schedule`


@deploy
def __init__(
    name_: String[64],
    symbol_: String[32],
    rules_: ILeveragedToken.Rules,
    oracle_: IOracle,
    treasury_: address,
    owner_: address,
    cap_: uint256,
    position_blueprint: address,
    venue: Bytes[256],
):
    """
    @dev   Only a token that a factory made has had its rules checked and its seed locked.
    @param name_              Name.
    @param symbol_            Symbol.
    @param rules_             All that is fixed.
    @param oracle_            Price that fills are made at.
    @param treasury_          Receives the fees, as shares.
    @param owner_             May pause, set the cap and name the treasury; may be nobody.
    @param cap_               The most shares that minting may bring the supply to.
    @param position_blueprint The venue's position (ERC-5202), created here so that it obeys us.
    @param venue              The position's own constructor arguments, ABI-encoded.
    """
    FACTORY = msg.sender
    NAME = name_
    SYMBOL = symbol_
    RULES = rules_
    ORACLE = oracle_
    POSITION = IPosition(create_from_blueprint(position_blueprint, venue, raw_args=True))
    COLLATERAL = IERC20(staticcall POSITION.collateral())
    DEBT = IERC20(staticcall POSITION.debt())
    typed_permit.__init__(name_)
    two_step_owner._set(owner_)
    self._set_treasury(treasury_)
    self._set_cap(cap_)


@external
def seed(shares: uint256, collateral: uint256, debt: uint256, receiver: address):
    """
    @notice Mint the first shares and lock them. Once, by the factory.
    @param shares     Locked for good.
    @param collateral Already lies in the position.
    @param debt       Taken against it.
    @param receiver   Of the debt.
    """
    assert msg.sender == FACTORY, "seed: caller is not the factory"
    assert self._settled_at() == 0, "seed: already seeded"
    self._limit(block.timestamp, self._cap(), self._paused())
    share_ledger._mint(LOCKED, shares)
    extcall POSITION.lever(collateral, debt, receiver)
    log Minted(
        caller=msg.sender, receiver=LOCKED, shares=shares, fee=0, collateral=collateral, debt=debt
    )


@external
def mint(
    shares: uint256,
    max_collateral: uint256,
    min_debt: uint256,
    receiver: address = msg.sender,
    debt_receiver: address = msg.sender,
) -> (uint256, uint256):
    """
    @notice Bring collateral, take debt and receive exactly `shares`. Reads no price.
    @dev    Collateral that already lies in the position is used first.
    @param shares         Shares for `receiver`, after the fee.
    @param max_collateral The most to bring.
    @param min_debt       The least to take.
    @param receiver       Of the shares.
    @param debt_receiver  Of the debt.
    @return Collateral brought and debt taken.
    """
    assert not self._paused(), "mint: paused"
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = extcall POSITION.accrue()
    supply: uint256 = self._settle()
    assert shares <= self._room(supply), "mint: cap exceeded"
    fee: uint256 = 0
    fee, collateral, debt = self._mint_legs(shares, collateral, debt, supply, grain)
    assert collateral <= max_collateral, "mint: collateral above max"
    assert debt >= min_debt, "mint: debt below min"

    share_ledger._mint(receiver, shares)
    if fee > 0:
        share_ledger._mint(self.treasury, fee)
    self._pull(COLLATERAL, collateral)
    extcall POSITION.lever(collateral, debt, debt_receiver)
    log Minted(
        caller=msg.sender,
        receiver=receiver,
        shares=shares,
        fee=fee,
        collateral=collateral,
        debt=debt,
    )
    return collateral, debt


@external
def redeem(
    shares: uint256,
    max_debt: uint256,
    min_collateral: uint256,
    receiver: address = msg.sender,
    owner: address = msg.sender,
) -> (uint256, uint256):
    """
    @notice Give up `shares`, bring debt and take collateral. Reads no price and has no switch.
    @dev    Debt tokens that already lie in the position are used first.
    @param shares         Shares of `owner`, the fee included.
    @param max_debt       The most to bring.
    @param min_collateral The least to take.
    @param receiver       Of the collateral.
    @param owner          Of the shares; another than the caller must have approved the caller.
    @return Debt brought and collateral taken.
    """
    assert shares <= share_ledger.balances[owner], "redeem: shares above balance"
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = extcall POSITION.accrue()
    supply: uint256 = self._settle()
    fee: uint256 = 0
    fee, debt, collateral = self._redeem_legs(shares, collateral, debt, supply, grain)
    assert debt <= max_debt, "redeem: debt above max"
    assert collateral >= min_collateral, "redeem: collateral below min"

    if owner != msg.sender:
        share_ledger._spend(owner, msg.sender, shares)
    share_ledger._burn(owner, shares - fee)
    if fee > 0:
        share_ledger._transfer(owner, self.treasury, fee)
    self._pull(DEBT, debt)
    extcall POSITION.delever(debt, collateral, receiver)
    log Redeemed(
        caller=msg.sender,
        owner=owner,
        receiver=receiver,
        shares=shares,
        fee=fee,
        debt=debt,
        collateral=collateral,
    )
    return debt, collateral


@external
def fill_lever(
    max_collateral: uint256, min_debt: uint256, receiver: address = msg.sender
) -> (uint256, uint256):
    """
    @notice Below target: bring collateral and take debt at the auction's price.
    @dev    A request for more than is open is clamped. The bounds are a price: for each unit of
            collateral at least `min_debt / max_collateral`, however much of it is filled.
    @param max_collateral The most to bring.
    @param min_debt       The least to take for all of it.
    @param receiver       Of the debt.
    @return Collateral brought and debt taken.
    """
    assert not self._paused(), "fill: levering is paused"
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = extcall POSITION.accrue()
    offer: Offer = self._offer(collateral, debt)
    assert offer.levering, "fill: not open for levering"
    collateral, debt = self._lever_legs(max_collateral, offer.open, offer.price, grain)
    assert debt > 0, "fill: nothing to take"
    assert self._within(debt, collateral, min_debt, max_collateral), "fill: debt below limit"

    self._use_parcel(offer, debt + grain)
    self._pull(COLLATERAL, collateral)
    extcall POSITION.lever(collateral, debt, receiver)
    self._log_fill(offer, receiver, collateral, debt)
    return collateral, debt


@external
def fill_delever(
    max_debt: uint256, min_collateral: uint256, receiver: address = msg.sender
) -> (uint256, uint256):
    """
    @notice Above target: bring debt and take collateral at the auction's price. Has no switch.
    @dev    A request for more than is open is clamped. The bounds are a price: for each unit of
            debt at least `min_collateral / max_debt`, however much of it is filled.
    @param max_debt       The most to bring.
    @param min_collateral The least to take for all of it.
    @param receiver       Of the collateral.
    @return Debt brought and collateral taken.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = extcall POSITION.accrue()
    offer: Offer = self._offer(collateral, debt)
    assert offer.lane != empty(ILeveragedToken.Lane) and not offer.levering, (
        "fill: not open for delevering"
    )
    debt, collateral = self._delever_legs(max_debt, offer.open, offer.price, grain)
    assert collateral > 0, "fill: no collateral to take"
    assert self._within(collateral, debt, min_collateral, max_debt), "fill: collateral below limit"

    self._use_parcel(offer, min(max_debt, offer.open))
    self._pull(DEBT, debt)
    extcall POSITION.delever(debt, collateral, receiver)
    self._log_fill(offer, receiver, collateral, debt)
    return debt, collateral


@external
def settle():
    """
    @notice Mint the management fee to this block. Anyone may call; nobody needs to.
    """
    self._settle()


@external
def set_paused(paused: bool):
    """
    @notice Stop or resume minting and levering. Redemption and delevering go on.
    """
    two_step_owner._check_owner()
    self._limit(self._settled_at(), self._cap(), paused)
    log Paused(paused=paused)


@external
def set_cap(cap: uint256):
    """
    @notice Bound the supply that minting may reach. Fee shares may pass it.
    """
    two_step_owner._check_owner()
    self._set_cap(cap)


@external
def set_treasury(treasury: address):
    """
    @notice Name the receiver of fees to come.
    @dev    What has accrued is minted to the old one first.
    """
    two_step_owner._check_owner()
    self._settle()
    self._set_treasury(treasury)


@external
def transfer_ownership(new_owner: address):
    """
    @notice Offer ownership to `new_owner`, who must accept it.
    """
    two_step_owner._offer(new_owner)


@external
def accept_ownership():
    """
    @notice Take the ownership that was offered.
    """
    two_step_owner._accept()


@external
def renounce_ownership():
    """
    @notice Leave the token without an owner for good: as it stands, it stays.
    """
    two_step_owner._renounce()


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Move `amount` shares from the caller to `receiver`.
    """
    share_ledger._transfer(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Move `amount` shares of `owner`, who has approved the caller, to `receiver`.
    """
    share_ledger._spend(owner, msg.sender, amount)
    share_ledger._transfer(owner, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let `spender` move `amount` of the caller's shares; all ones is endless.
    """
    share_ledger._approve(msg.sender, spender, amount)
    return True


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice Approve by the signature of `owner` (EIP-2612).
    """
    typed_permit._permit(owner, spender, amount, deadline, v, r, s)


@view
@external
def preview_mint(shares: uint256) -> (uint256, uint256):
    """
    @return Collateral to bring and debt to take for `shares` in this block.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = staticcall POSITION.books()
    fee: uint256 = 0
    fee, collateral, debt = self._mint_legs(shares, collateral, debt, self._supply(), grain)
    return collateral, debt


@view
@external
def preview_redeem(shares: uint256) -> (uint256, uint256):
    """
    @return Debt to bring and collateral to take for `shares` in this block.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = staticcall POSITION.books()
    fee: uint256 = 0
    fee, debt, collateral = self._redeem_legs(shares, collateral, debt, self._supply(), grain)
    return debt, collateral


@view
@external
def preview_fill_lever(max_collateral: uint256) -> (uint256, uint256):
    """
    @return Collateral to bring and debt to take in this block; zeros when closed.
    """
    offer: Offer = empty(Offer)
    grain: uint256 = 0
    offer, grain = self._offer_now()
    if not offer.levering:
        return 0, 0
    return self._lever_legs(max_collateral, offer.open, offer.price, grain)


@view
@external
def preview_fill_delever(max_debt: uint256) -> (uint256, uint256):
    """
    @return Debt to bring and collateral to take in this block; zeros when closed.
    """
    offer: Offer = empty(Offer)
    grain: uint256 = 0
    offer, grain = self._offer_now()
    if offer.lane == empty(ILeveragedToken.Lane) or offer.levering:
        return 0, 0
    return self._delever_legs(max_debt, offer.open, offer.price, grain)


@view
@external
def auction() -> ILeveragedToken.Auction:
    """
    @return The lane that is open, its premium, the largest fill and what that pays.
    """
    offer: Offer = empty(Offer)
    grain: uint256 = 0
    offer, grain = self._offer_now()
    brings: uint256 = 0
    takes: uint256 = 0
    if offer.levering:
        brings, takes = self._lever_legs(max_value(uint256), offer.open, offer.price, grain)
    elif offer.lane != empty(ILeveragedToken.Lane):
        brings, takes = self._delever_legs(max_value(uint256), offer.open, offer.price, grain)
    if takes == 0:
        return empty(ILeveragedToken.Auction)
    return ILeveragedToken.Auction(
        lane=offer.lane,
        levering=offer.levering,
        premium=offer.premium,
        brings=brings,
        takes=takes,
    )


@view
@external
def leverage() -> uint256:
    """
    @return Leverage at the oracle's price, without sign, in WAD.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    collateral, debt = staticcall POSITION.balances()
    return self._leverage(collateral, debt, staticcall ORACLE.price())


@view
@external
def target() -> uint256:
    """
    @return Target leverage, without sign, in WAD.
    """
    return RULES.target


@view
@external
def next_rebalance() -> uint256:
    """
    @return When the scheduled lane opens next: 00:02:00 UTC.
    """
    return daily_schedule._opened(block.timestamp) + daily_schedule.DAY


@view
@external
def asset() -> address:
    """
    @return The token that a share is counted in: debt for a long token, collateral for a short one.
    """
    return DEBT.address if RULES.long else COLLATERAL.address


@view
@external
def totalAssets() -> uint256:
    """
    @return NAV at the oracle's price, in units of `asset`, rounded down.
    """
    return self._assets()


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    """
    @return What `shares` are worth at the oracle's price, before fees, in units of `asset`.
    """
    return fp._mul_div_down(shares, self._assets(), self._supply())


@view
@external
def convertToShares(assets: uint256) -> uint256:
    """
    @return Shares worth `assets` at the oracle's price, before fees; zero when nothing is left.
    """
    nav: uint256 = self._assets()
    return 0 if nav == 0 else fp._mul_div_down(assets, self._supply(), nav)


@view
@external
def maxMint(receiver: address) -> uint256:
    """
    @return Shares that could be minted now: by pause, cap and the venue's liquidity.
    @dev    A position that is beyond what the venue lends at takes no mint, whatever this says: on
            Morpho Blue that is the liquidation LTV, on Aave less.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    collateral, debt = staticcall POSITION.balances()
    if self._paused() or collateral == 0:
        return 0
    supply: uint256 = self._supply()
    room: uint256 = self._room(supply)
    if debt == 0:
        return room
    gross: uint256 = fp._mul_div_down(staticcall POSITION.liquidity(), supply, debt)
    # with a debt of next to nothing it is of any size; what is left of twice the room covers it
    gross = min(gross, 2 * room)
    return min(room, fp._mul_div_down(gross, fp.WAD - RULES.mint_fee, fp.WAD))


@view
@external
def maxRedeem(owner: address) -> uint256:
    """
    @return Shares that `owner` can redeem: all of them.
    """
    return share_ledger.balances[owner]


@view
@external
def rules() -> ILeveragedToken.Rules:
    """
    @return All that was fixed at creation.
    """
    return RULES


@view
@external
def factory() -> address:
    """
    @return Who created and seeded this token.
    """
    return FACTORY


@view
@external
def position() -> address:
    """
    @return The position on the venue.
    """
    return POSITION.address


@view
@external
def oracle() -> address:
    """
    @return The oracle that fills are priced at.
    """
    return ORACLE.address


@view
@external
def collateral() -> address:
    """
    @return The token that the position holds.
    """
    return COLLATERAL.address


@view
@external
def debt() -> address:
    """
    @return The token that the position owes.
    """
    return DEBT.address


@view
@external
def cap() -> uint256:
    """
    @return Supply at which minting stops. Fee shares may pass it.
    """
    return self._cap()


@view
@external
def paused() -> bool:
    """
    @return Whether minting and levering are stopped.
    """
    return self._paused()


@view
@external
def settled_at() -> uint256:
    """
    @return Up to when the management fee is minted; zero until seeded.
    """
    return self._settled_at()


@view
@external
def parts() -> (address, address, address):
    """
    @return Position, collateral and debt, in one call.
    """
    return POSITION.address, COLLATERAL.address, DEBT.address


@view
@external
def owner() -> address:
    """
    @return Who may pause, set the cap and name the treasury.
    """
    return two_step_owner.owner


@view
@external
def pending_owner() -> address:
    """
    @return To whom ownership is offered.
    """
    return two_step_owner.pending_owner


@view
@external
def name() -> String[64]:
    """
    @return Name.
    """
    return NAME


@view
@external
def symbol() -> String[32]:
    """
    @return Symbol.
    """
    return SYMBOL


@view
@external
def decimals() -> uint8:
    """
    @return 18, whatever the tokens of the pair have.
    """
    return 18


@view
@external
def totalSupply() -> uint256:
    """
    @return Shares in existence. The management fee since the last settlement is not yet in it.
    """
    return share_ledger.supply


@view
@external
def balanceOf(owner: address) -> uint256:
    """
    @return Shares of `owner`.
    """
    return share_ledger.balances[owner]


@view
@external
def allowance(owner: address, spender: address) -> uint256:
    """
    @return Shares of `owner` that `spender` may move.
    """
    return share_ledger.allowances[owner][spender]


@view
@external
def nonces(owner: address) -> uint256:
    """
    @return Permits of `owner` that were used.
    """
    return typed_permit.nonces[owner]


@view
@external
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @return Domain separator of permits, for the chain's current id.
    """
    return typed_permit._separator()


@view
@external
def eip712Domain() -> (
    bytes1, String[64], String[1], uint256, address, bytes32, DynArray[uint256, 1]
):
    """
    @return The fields of the permits' domain (EIP-5267): name, version, chain id and contract.
    """
    return 0x0f, NAME, typed_permit.VERSION, chain.id, self, empty(bytes32), []


@view
@internal
def _settled_at() -> uint256:
    return self.limits >> 128


@view
@internal
def _cap() -> uint256:
    return (self.limits >> 8) & CAP_MASK


@view
@internal
def _paused() -> bool:
    return self.limits & 1 == 1


@internal
def _limit(settled_at: uint256, cap: uint256, paused: bool):
    self.limits = settled_at << 128 | cap << 8 | convert(paused, uint256)


@internal
def _settle() -> uint256:
    """
    @return The supply after the management fee was minted.
    @dev    The clock stays while the fee rounds to nothing, so that nothing is lost.
    """
    fee: uint256 = self._accrued()
    if fee > 0:
        self._limit(block.timestamp, self._cap(), self._paused())
        share_ledger._mint(self.treasury, fee)
        log FeeAccrued(treasury=self.treasury, shares=fee)
    return share_ledger.supply


@view
@internal
def _accrued() -> uint256:
    if RULES.management_fee == 0:
        return 0
    elapsed: uint256 = block.timestamp - self._settled_at()
    if elapsed == 0:
        return 0
    return streaming_fee._shares(share_ledger.supply, RULES.management_fee, elapsed)


@view
@internal
def _supply() -> uint256:
    return share_ledger.supply + self._accrued()


@view
@internal
def _room(supply: uint256) -> uint256:
    # shares that minting may still add
    cap: uint256 = self._cap()
    return cap - min(cap, supply)


@view
@internal
def _mint_legs(
    shares: uint256, collateral: uint256, debt: uint256, supply: uint256, grain: uint256
) -> (uint256, uint256, uint256):
    """
    @return Fee shares, collateral to bring (rounded up), debt to take (rounded down).

        gross = shares / (1 - fee)          in = C * gross / S          out = D * gross / S
    """
    assert shares > 0, "mint: zero shares"
    assert collateral > 0, "mint: position is empty"
    gross: uint256 = fp._mul_div_up(shares, fp.WAD, fp.WAD - RULES.mint_fee)
    takes: uint256 = fp._mul_div_down(debt, gross, supply)
    return (
        gross - shares,
        fp._mul_div_up(collateral, gross, supply) + grain,
        takes - min(takes, grain),
    )


@view
@internal
def _redeem_legs(
    shares: uint256, collateral: uint256, debt: uint256, supply: uint256, grain: uint256
) -> (uint256, uint256, uint256):
    """
    @return Fee shares (rounded up), debt to bring (rounded up), collateral to take (rounded down).

        net = shares * (1 - fee)            in = D * net / S            out = C * net / S
    """
    assert shares > 0, "redeem: zero shares"
    fee: uint256 = fp._mul_div_up(shares, RULES.redeem_fee, fp.WAD)
    net: uint256 = shares - fee
    brings: uint256 = fp._mul_div_up(debt, net, supply)
    takes: uint256 = fp._mul_div_down(collateral, net, supply)
    # the grain on top, but no more than all of the debt
    return fee, min(brings + grain, max(brings, debt)), takes - min(takes, grain)


@pure
@internal
def _lever_legs(
    max_collateral: uint256, most_debt: uint256, deal_price: uint256, grain: uint256
) -> (uint256, uint256):
    """
    @return Collateral that the taker brings and debt that it takes.
    """
    brings: uint256 = 0
    takes: uint256 = 0
    most: uint256 = max_collateral - min(max_collateral, grain)
    brings, takes = leverage_math._lever_legs(most, most_debt, deal_price)
    if takes <= grain:
        return 0, 0
    return brings + grain, takes - grain


@pure
@internal
def _delever_legs(
    max_debt: uint256, most_debt: uint256, deal_price: uint256, grain: uint256
) -> (uint256, uint256):
    """
    @return Debt that the taker brings and collateral that it takes.
    """
    brings: uint256 = 0
    takes: uint256 = 0
    most: uint256 = max_debt - min(max_debt, grain)
    brings, takes = leverage_math._delever_legs(most, most_debt, deal_price)
    if takes <= grain:
        return 0, 0
    return brings + grain, takes - grain


@view
@internal
def _leverage(collateral: uint256, debt: uint256, price: uint256) -> uint256:
    leverage: uint256 = leverage_math._leverage(collateral, debt, price, RULES.long)
    assert leverage != max_value(uint256), "token: position is insolvent"
    return leverage


@view
@internal
def _assets() -> uint256:
    collateral: uint256 = 0
    debt: uint256 = 0
    collateral, debt = staticcall POSITION.balances()
    return leverage_math._assets(collateral, debt, staticcall ORACLE.price(), RULES.long)


@view
@internal
def _offer_now() -> (Offer, uint256):
    """
    @return What is open in this block, and the venue's grain.
    """
    collateral: uint256 = 0
    debt: uint256 = 0
    grain: uint256 = 0
    collateral, debt, grain = staticcall POSITION.books()
    return self._offer(collateral, debt), grain


@view
@internal
def _offer(collateral: uint256, debt: uint256) -> Offer:
    """
    @notice What is open now: empty, or the one lane that a taker can fill.
    @dev    Levering is only ever scheduled. When both lanes are open it is the one in which a taker
            earns more: a crumb that is left of the day hides no emergency, however well it pays.
    """
    price: uint256 = staticcall ORACLE.price()
    leverage: uint256 = self._leverage(collateral, debt, price)
    long: bool = RULES.long
    opened: uint256 = daily_schedule._opened(block.timestamp)
    elapsed: uint256 = block.timestamp - opened
    offer: Offer = empty(Offer)

    if elapsed < RULES.window:
        premium: int256 = premium_curve._scheduled(
            elapsed, RULES.premium_start, RULES.premium_end, RULES.ramp
        )
        # the band's edges: target * (1 - band) here, target * (1 + band) below
        lowest: uint256 = fp._mul_div_down(RULES.target, fp.WAD - RULES.band, fp.WAD)
        if leverage < lowest and not self._paused():
            edge: uint256 = leverage_math._gearing(lowest, long)
            offer.levering = True
            offer.reach = leverage_math._most_lever(collateral, debt, price, edge, premium)
            offer.open = min(
                daily_schedule._left(self.parcel, opened, offer.reach),
                staticcall POSITION.liquidity(),
            )
            offer.price = leverage_math._lever_price(price, premium)
        elif leverage > RULES.target:
            highest: uint256 = fp._mul_div_up(RULES.target, fp.WAD + RULES.band, fp.WAD)
            if leverage > highest:
                edge: uint256 = leverage_math._gearing(highest, long)
                offer.reach = leverage_math._most_delever(collateral, debt, price, edge, premium)
                offer.open = daily_schedule._left(self.parcel, opened, offer.reach)
                offer.price = leverage_math._delever_price(price, premium)
        if offer.open > 0:
            offer.lane = ILeveragedToken.Lane.SCHEDULED
            offer.premium = premium
        else:
            offer = empty(Offer)
    if leverage <= RULES.target:
        return offer

    lltv: uint256 = 0
    bonus: uint256 = 0
    lltv, bonus = staticcall POSITION.liquidation()
    # a venue that has come to liquidate sooner opens the lane sooner
    trigger: uint256 = min(RULES.emergency, premium_curve._near_liquidation(lltv, long))
    if leverage >= trigger:
        premium: int256 = premium_curve._emergency(
            leverage,
            trigger,
            premium_curve._liquidation_leverage(lltv, long),
            RULES.emergency_premium,
            premium_curve._highest(RULES.emergency_premium, bonus),
        )
        gearing: uint256 = leverage_math._gearing(RULES.target, long)
        reach: uint256 = leverage_math._most_delever(collateral, debt, price, gearing, premium)
        earns: int256 = premium * convert(reach, int256)
        if reach > 0 and earns >= offer.premium * convert(offer.open, int256):
            offer.lane = ILeveragedToken.Lane.EMERGENCY
            offer.premium = premium
            offer.open = reach
            offer.price = leverage_math._delever_price(price, premium)
    return offer


@pure
@internal
def _within(takes: uint256, brings: uint256, least: uint256, most: uint256) -> bool:
    """
    @return Whether a fill pays no less for each unit brought than `least` for `most`.
    @dev    The bounds are the taker's and can be anything; legs fit 128 bits, as the venue's do.
    """
    if least > convert(max_value(uint128), uint256):
        return False
    return takes >= fp._mul_div_up(least, brings, most)


@internal
def _use_parcel(offer: Offer, amount: uint256):
    # an emergency fill takes nothing from the day's parcel
    if offer.lane == ILeveragedToken.Lane.SCHEDULED:
        opened: uint256 = daily_schedule._opened(block.timestamp)
        self.parcel = daily_schedule._take(self.parcel, opened, offer.reach, amount)


@internal
def _pull(token: IERC20, amount: uint256):
    # what already lies in the position is used first: a flash swap can pay it directly
    held: uint256 = staticcall token.balanceOf(POSITION.address)
    if held < amount:
        extcall token.transferFrom(
            msg.sender, POSITION.address, amount - held, default_return_value=True
        )


@internal
def _log_fill(offer: Offer, receiver: address, collateral: uint256, debt: uint256):
    log Filled(
        taker=msg.sender,
        receiver=receiver,
        lane=offer.lane,
        levering=offer.levering,
        premium=offer.premium,
        collateral=collateral,
        debt=debt,
    )


@internal
def _set_cap(cap: uint256):
    assert cap <= MAX_CAP, "token: cap out of bounds"
    self._limit(self._settled_at(), cap, self._paused())
    log CapSet(cap=cap)


@internal
def _set_treasury(treasury: address):
    assert treasury != empty(address), "token: treasury is zero"
    self.treasury = treasury
    log TreasurySet(treasury=treasury)

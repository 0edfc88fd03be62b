"""What to do when a contract says no."""

# A revert's reason, or how it begins, and what a person can do about it.
ADVICE = {
    "router: amount above max": "the price moved: run it again, or a wider --slippage",
    "router: shares below min": "the price moved: run it again, or a wider --slippage",
    "router: amount below min": "the price moved: run it again, or a wider --slippage",
    "router: deadline has passed": "it took too long: run it again, with a longer --deadline",
    "router: shares are worth nothing": "the position owes more than it holds at the pool's price",
    "swap: pool is too shallow": "the pool does not hold so much: take less",
    "swap: unknown pool": "there is no such pool: see pools in the network file",
    "mint: paused": "the owner has paused minting; redeeming works",
    "mint: cap exceeded": "the cap is reached: mint less (ape run status --json says max_mint)",
    "mint: zero shares": "it buys no share: pay more",
    "mint: position is empty": "the venue has liquidated the position: nothing can be minted",
    "redeem: shares above balance": "you hold fewer shares: --shares all gives up what you have",
    "redeem: zero shares": "give up more",
    "token: position is insolvent": "the position owes more than it holds: only redeem is left",
    "insufficient liquidity": "the market's lenders have not so much left: mint less",
    "insufficient collateral": "leverage is past the venue's limit: wait for a fill",
    "keeper: nothing to fill": "no lane is open: ape run status says when the next opens",
    "keeper: profit below minimum": "the pool has moved or somebody was quicker: run it again",
    "keeper: unknown token": "this token is of another factory",
    "router: unknown token": "this token is of another factory",
    "fill: not open": "no lane is open in this direction: somebody was quicker, or the price moved",
    "fill: levering is paused": "the owner has paused levering",
    "fill: debt below limit": "the price moved: run it again, or a wider --slippage",
    "fill: collateral below limit": "the price moved: run it again, or a wider --slippage",
    "fill: ": "what is open is too small: run it again",
    "oracle: ": "the oracle's price may not be used now: no fills, but minting and redeeming go on",
    "permit: ": "the signed approval was refused: run it again without --permit",
    "transfer: balance too low": "the balance is too low",
    "transfer: allowance too low": "the approval is too low: run it again",
}


def advice(reason: str) -> str:
    """What a person can do about a revert; nothing where the reason says it all."""
    return next((what for start, what in ADVICE.items() if reason.startswith(start)), "")


def explain(reason: str) -> str:
    """A revert's reason with what to do about it, on one line."""
    if not reason:
        return "the transaction would revert, and no contract says why"
    hint = advice(reason)
    return f"{reason}: {hint}" if hint else reason

"""What is estimated in the second of a settlement is not enough in the next: a fee has accrued."""

from scripts._deploy.run import FEE_GAS, allowed
from scripts._devnet import now, warp_to


def test_gas_is_enough_where_a_fee_accrues_after_the_estimate(bull, devnet):
    owner, treasuries = devnet.roles.deployer, (devnet.roles.stranger, devnet.roles.treasury)
    bull.set_treasury(treasuries[0], sender=owner)
    estimate = bull.set_treasury(treasuries[1], sender=owner).gas_used

    warp_to(now() + 1)
    used = bull.set_treasury(treasuries[0], sender=owner).gas_used

    assert estimate < used <= allowed(estimate)
    assert used - estimate < FEE_GAS

"""Buy ten ETHBULL with USDC, look at the token, sell five: web3.py alone."""

import json
from pathlib import Path

from web3 import Web3
from web3.middleware import SignAndSendRawMiddlewareBuilder

net = json.loads(Path("out/devnet.json").read_text())
at, me = net["contracts"], net["account"]
w3 = Web3(Web3.HTTPProvider(net["rpc"]))
w3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(net["private_key"]), layer=0)


def contract(name, kind):
    return w3.eth.contract(at[name], abi=net["abi"][kind], decode_tuples=True).functions


def send(call):
    assert w3.eth.wait_for_transaction_receipt(call.transact({"from": me})).status == 1


token, usdc = contract("ETHBULL", "Token"), contract("USDC", "Token")
router, lens = contract("Router", "Router"), contract("Lens", "Lens")
shares, trade = 10 * 10**18, (at["ETHBULL"], at["USDC"], 500)  # 500: the pool of 0.05 %
deadline = w3.eth.get_block("latest")["timestamp"] + 600

cost = router.quote_mint(*trade, shares).call()
limit = cost * 1005 // 1000
send(usdc.approve(at["Router"], limit))
send(router.mint(*trade, shares, limit, me, deadline))
(state,) = lens.states([at["ETHBULL"]]).call()
print(f"paid {cost / 1e6:.2f} USDC for ten shares, leverage {state.leverage / 1e18:.3f}x")

worth = router.quote_redeem(*trade, shares // 2).call()
send(token.approve(at["Router"], shares // 2))
send(router.redeem(*trade, shares // 2, worth * 995 // 1000, me, deadline))
print(f"got {worth / 1e6:.2f} USDC for five")

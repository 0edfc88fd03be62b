"""The same as plain calldata, for whatever signs and sends it: eth-abi alone."""

import json
from pathlib import Path
from urllib.request import Request, urlopen

from eth_abi import decode, encode
from eth_utils import function_signature_to_4byte_selector as selector

net = json.loads(Path("out/devnet.json").read_text())
at, me = net["contracts"], net["account"]
TRADE = "address,address,uint24,uint256"
ORDER = TRADE + ",uint256,address,uint256"
STATE = "address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bool"
STATE = f"({STATE},int256,uint256,uint256,uint256,uint256,uint256,bool,uint256,uint256)[]"


def rpc(method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    answer = urlopen(Request(net["rpc"], body, {"Content-Type": "application/json"}))
    return json.load(answer)["result"]


def transaction(to, name, types, *values):
    data = selector(f"{name}({types})") + encode(types.split(","), values)
    return {"from": me, "to": at[to], "data": "0x" + data.hex()}


def ask(returned, *call):
    answer = rpc("eth_call", transaction(*call), "latest")
    return decode([returned], bytes.fromhex(answer[2:]))[0]


def send(*call):  # the devnet's node signs for its account; elsewhere a wallet does
    rpc("eth_sendTransaction", transaction(*call))


shares, trade = 10 * 10**18, (at["ETHBULL"], at["USDC"], 500)  # 500: the pool of 0.05 %
deadline = int(rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 600

cost = ask("uint256", "Router", "quote_mint", TRADE, *trade, shares)
limit = cost * 1005 // 1000
send("USDC", "approve", "address,uint256", at["Router"], limit)
send("Router", "mint", ORDER, *trade, shares, limit, me, deadline)
(state,) = ask(STATE, "Lens", "states", "address[]", [at["ETHBULL"]])
print(f"paid {cost / 1e6:.2f} USDC for ten shares, leverage {state[8] / 1e18:.3f}x")

worth = ask("uint256", "Router", "quote_redeem", TRADE, *trade, shares // 2)
send("ETHBULL", "approve", "address,uint256", at["Router"], shares // 2)
send("Router", "redeem", ORDER, *trade, shares // 2, worth * 995 // 1000, me, deadline)
print(f"got {worth / 1e6:.2f} USDC for five")

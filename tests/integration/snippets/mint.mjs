// The same with viem.

import { readFileSync } from 'node:fs'
import { createWalletClient, formatUnits, http, parseUnits, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'

const { rpc, private_key, contracts: at, abi } = JSON.parse(readFileSync('out/devnet.json'))
const account = privateKeyToAccount(private_key)
const options = { account, chain: foundry, transport: http(rpc) }
const client = createWalletClient(options).extend(publicActions)

const simulate = (name, kind, functionName, ...args) =>
  client.simulateContract({ address: at[name], abi: abi[kind], functionName, args })
const ask = async (...call) => (await simulate(...call)).result
const send = async (...call) => {
  const { request } = await simulate(...call)
  await client.waitForTransactionReceipt({ hash: await client.writeContract(request) })
}

const shares = parseUnits('10', 18)
const trade = [at.ETHBULL, at.USDC, 500] // 500: the pool of 0.05 %
const deadline = (await client.getBlock()).timestamp + 600n

const cost = await ask('Router', 'Router', 'quote_mint', ...trade, shares)
const limit = (cost * 1005n) / 1000n
await send('USDC', 'Token', 'approve', at.Router, limit)
await send('Router', 'Router', 'mint', ...trade, shares, limit, account.address, deadline)
const [state] = await ask('Lens', 'Lens', 'states', [at.ETHBULL])
const leverage = Number(formatUnits(state.leverage, 18)).toFixed(3)
console.log(`paid ${formatUnits(cost, 6)} USDC for ten shares, leverage ${leverage}x`)

const half = shares / 2n
const worth = await ask('Router', 'Router', 'quote_redeem', ...trade, half)
const least = (worth * 995n) / 1000n
await send('ETHBULL', 'Token', 'approve', at.Router, half)
await send('Router', 'Router', 'redeem', ...trade, half, least, account.address, deadline)
console.log(`got ${formatUnits(worth, 6)} USDC for five`)

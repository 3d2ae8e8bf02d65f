// The verified RPC over a real node, and behind a proxy that lies about one thing at a time.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  createRpcProvider,
  createVerifiedRpc,
  encodeUtf8,
  formatBase64,
  headerHash,
  LightClient,
  loadCrypto,
  officeKey,
  smtSpec,
  transactionHash,
  type VerifiedRpc,
  VerifyError,
} from '@muniment/sdk'
import { startTestNetwork, type TestNetwork } from './network.ts'

const crypto = await loadCrypto()
let network: TestNetwork
let light: LightClient
let withTransaction = 0n
let transaction: Uint8Array = new Uint8Array(0)

before(async () => {
  network = await startTestNetwork()
  await network.issueTitle({ parcel: 'example 1' })
  await network.issueTitle({ parcel: 'example 2' })
  const provider = createRpcProvider(network.rpc)
  const { header } = await provider.lightBlock(1n)
  light = new LightClient({
    chainId: 'test-net',
    trustRoot: { height: 1n, hash: headerHash(header, crypto) },
    trustingPeriodNs: 86_400_000_000_000n,
    primary: provider,
    crypto,
  })
  const rpc = rpcOf()
  for (let height = (await rpc.header('latest')).height; transaction.length === 0; height--) {
    const { value } = await rpc.block(height)
    if (value.txs.length === 0) continue
    transaction = value.txs[0]!
    withTransaction = height
  }
})
after(async () => {
  await network.close()
  crypto.close()
})

type Json = Record<string, unknown>

/** `lie` may change the result of a method. */
function rpcOf(lie: (method: string, result: Json) => Json = (_, result) => result): VerifiedRpc {
  const lying = async (url: string, init: RequestInit): Promise<Response> => {
    const answer = await fetch(url, init)
    const { method } = JSON.parse(String(init.body))
    const json = await answer.json()
    return Response.json({ ...json, result: lie(method, json.result) })
  }
  return createVerifiedRpc({ url: network.rpc, light, crypto, spec: smtSpec, fetch: lying })
}

const refused = (call: Promise<unknown>): Promise<void> => assert.rejects(call, error => error instanceof VerifyError)

test('headers, blocks and validators carry the height, the power and the trust they rest on', async () => {
  const rpc = rpcOf()
  const { value, height, signedPower, trustRoot, agreed } = await rpc.block(withTransaction)
  assert.equal(height, withTransaction)
  assert.equal(value.header.height, withTransaction)
  assert.deepEqual(signedPower, { signed: 10n, total: 10n })
  assert.equal(trustRoot.height, 1n)
  assert.equal(agreed.length, 1)
  assert.deepEqual((await rpc.header(withTransaction)).value, value.header)
  assert.equal((await rpc.validators('latest')).value.validators.length, 1)
})

test('a transaction is proved under its block, and a key under the header that follows', async () => {
  const rpc = rpcOf()
  const found = await rpc.transaction(transactionHash(transaction, crypto))
  assert.deepEqual(found.value, { transaction, height: withTransaction, index: 0 })
  const key = officeKey(crypto, 'land-registry')
  const office = await rpc.query({ store: 'state', key })
  assert.ok(office.value !== undefined && office.value.length > 0)
  const nothing = await rpc.query({ store: 'state', key: encodeUtf8('nobody') })
  assert.equal(nothing.value, undefined)
  assert.equal((await rpc.query({ store: 'state', key, height: withTransaction })).height, withTransaction + 1n)
})

test('what proves nothing is given back wrapped', async () => {
  const status = await rpcOf().unverified('status')
  assert.equal(status.kind, 'unverified')
  assert.ok('node_info' in status.unwrapUnverified())
})

test('a block with another transaction, commit or header than the trusted header names is refused', async () => {
  const changed = (part: string, value: unknown) =>
    rpcOf((method, result) =>
      method === 'block' ? { ...result, block: { ...(result.block as Json), [part]: value } } : result,
    )
  await refused(changed('data', { txs: [] }).block(withTransaction))
  await refused(changed('data', { txs: [formatBase64(transaction), 'AAAA'] }).block(withTransaction))
  const other = rpcOf((method, result) => (method === 'block' ? { ...result, block: null } : result))
  await refused(other.block(withTransaction))
  const noCommit = rpcOf((method, result) => {
    const block = result.block as Json
    return method === 'block'
      ? { ...result, block: { ...block, last_commit: { ...(block.last_commit as Json), signatures: [] } } }
      : result
  })
  await refused(noCommit.block(withTransaction))
})

test('an answer to another question is refused, however well it is proved (light-client page, hole 1)', async () => {
  const hash = transactionHash(transaction, crypto)
  // The same true proof, for another hash than was asked.
  const honest = await fetch(`${network.rpc}/tx?hash=0x${Buffer.from(hash).toString('hex')}&prove=true`)
  const { result } = (await honest.json()) as { result: Json }
  const elsewhere = rpcOf((method, real) => (method === 'tx' ? result : real))
  assert.deepEqual((await elsewhere.transaction(hash)).value.transaction, transaction)
  await refused(rpcOf(() => result).transaction(crypto.sha256(encodeUtf8('another'))))
  for (const lie of [
    { tx: formatBase64(encodeUtf8('forged')) },
    { height: String(withTransaction - 1n) },
    { index: 1 },
    { proof: { proof: { total: '1', index: '0', leaf_hash: formatBase64(hash), aunts: [] } } },
    { proof: null },
  ]) {
    await refused(rpcOf((method, real) => (method === 'tx' ? { ...real, ...lie } : real)).transaction(hash))
  }
  // Another key's proof, another height's.
  const key = officeKey(crypto, 'land-registry')
  const query = {
    path: '/store/state/key',
    data: Buffer.from(encodeUtf8('nobody')).toString('hex'),
    height: '0',
    prove: true,
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'abci_query', params: query })
  const foreign = (await (await fetch(network.rpc, { method: 'POST', body })).json()) as { result: Json }
  const swapped = rpcOf((method, real) => (method === 'abci_query' ? foreign.result : real))
  await refused(swapped.query({ store: 'state', key }))
  await refused(rpcOf().query({ store: 'history', key }))
})

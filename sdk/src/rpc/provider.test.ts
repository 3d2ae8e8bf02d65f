import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testProviderCompliance } from '../../../test/compliance/provider.ts'
import { createRpcServer, type RpcChain } from '../../../test/rpc-server.ts'
import { createSignedChain } from '../../../test/signed-chain.ts'
import { createSmallTree } from '../../../test/small-tree.ts'
import { encodeUtf8, equals } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import { rpcAnswerBytesMax } from '../limits.ts'
import { createRpcProvider } from './provider.ts'
import type { Fetch } from './transport.ts'

const crypto = await loadCrypto()
const tree = createSmallTree(crypto)
const entries = ['genesis', 'title 7', 'licence 9'].map(key => tree.entry(key, `value of ${key}`))
const stores = tree.stores({ state: tree.rootOf(entries), history: crypto.sha256() })
const members = Array.from({ length: 130 }, (_, i) => ({ name: `validator ${i}`, power: BigInt(1 + (i % 3)) }))
// One block with more validators than a page holds, the others with few.
const signed = createSignedChain(
  { heights: 6, membersAt: height => (height === 6 ? members : members.slice(0, 3)), appHashAt: () => stores.appHash },
  crypto,
)
const chain: RpcChain = { ...signed, entries, tree, stores }

for (const method of ['GET', 'POST'] as const) {
  testProviderCompliance(`RPC by ${method}`, async () => ({
    provider: createRpcProvider('http://node.example:26657', { fetch: createRpcServer(chain).fetch, method }),
    chainId: 'test-chain',
    latestHeight: 6n,
    present: entries[1]!,
    absent: encodeUtf8('nobody\u2019s title'),
    transaction: new Uint8Array([1, 2, 3]),
  }))
}

test('every page of a large validator set is read', async () => {
  const server = createRpcServer(chain)
  const provider = createRpcProvider('http://node.example/rpc', { fetch: server.fetch })
  const block = await provider.lightBlock('latest')
  assert.equal(block.validatorSet.validators.length, 130)
  assert.equal(server.asked.filter(asked => asked.startsWith('validators')).length, 2)
})

test('a transaction arrives byte for byte', async () => {
  const server = createRpcServer(chain)
  const provider = createRpcProvider('http://node.example', { fetch: server.fetch, method: 'GET' })
  const transaction = crypto.sha256()
  await provider.submit(transaction)
  assert.ok(equals(server.submitted[0]!, transaction))
})

async function codeOf(call: Promise<unknown>): Promise<VerifyErrorCode | 'answered'> {
  try {
    await call
    return 'answered'
  } catch (error) {
    assert.ok(error instanceof VerifyError, String(error))
    return error.code
  }
}

const answering =
  (make: () => Response): Fetch =>
  async () =>
    make()
const providerOf = (fetch: Fetch): ReturnType<typeof createRpcProvider> =>
  createRpcProvider('http://node.example', { fetch })

test('an endless answer is cut off while it is read', async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(0x20))
    },
  })
  assert.equal(await codeOf(providerOf(answering(() => new Response(endless))).lightBlock('latest')), 'oversized')
  assert.ok(sent < rpcAnswerBytesMax + 4 * 65_536)
})

test('redirects are refused by what is asked of fetch, and no cookie or referrer goes along', async () => {
  let seen: RequestInit = {}
  const fetch: Fetch = async (_, init) => {
    seen = init
    throw new TypeError('unexpected redirect')
  }
  assert.equal(await codeOf(providerOf(fetch).lightBlock('latest')), 'unavailable')
  assert.equal(seen.redirect, 'error')
  assert.equal(seen.credentials, 'omit')
  assert.equal(seen.referrerPolicy, 'no-referrer')
})

test('answers that are no answers give a typed error', async () => {
  const cases: readonly [VerifyErrorCode, () => Response][] = [
    ['limited', () => new Response('slow down', { status: 429 })],
    ['malformed', () => new Response('<html>', { status: 502 })],
    ['malformed', () => new Response(null)],
    ['malformed', () => new Response(new Uint8Array([0xff, 0xfe]))],
    ['malformed', () => Response.json([])],
    ['malformed', () => Response.json({ result: null })],
    ['unavailable', () => Response.json({ error: { code: -32603, message: 'Internal error' } })],
    ['malformed', () => new Response(`${'['.repeat(200_000)}`)],
  ]
  for (const [code, make] of cases) assert.equal(await codeOf(providerOf(answering(make)).lightBlock('latest')), code)
})

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

/** A server that changes one answer. */
function lying(name: string, change: (result: Json) => unknown): Fetch {
  const { fetch } = createRpcServer(chain)
  return async (url, init) => {
    const response = await fetch(url, init)
    if (JSON.parse(String(init.body)).method !== name) return response
    const answer = await response.json()
    return Response.json({ ...answer, result: change(answer.result) })
  }
}

test('an answer to another question is refused before anything is verified', async () => {
  const questions = [{ store: 'state', key: entries[1]!.key }]
  const at = (name: string, change: (result: Json) => unknown): ReturnType<typeof createRpcProvider> =>
    providerOf(lying(name, change))
  const commitOf3 = await (
    await createRpcServer(chain).fetch('http://x', {
      method: 'POST',
      body: JSON.stringify({ method: 'commit', params: { height: '3' } }),
    })
  ).json()
  assert.equal(await codeOf(at('commit', () => commitOf3.result).lightBlock(2n)), 'wrong-height')
  assert.equal(await codeOf(at('validators', r => ({ ...r, total: '5000' })).lightBlock('latest')), 'oversized')
  assert.equal(await codeOf(at('validators', r => ({ ...r, validators: [] })).lightBlock('latest')), 'malformed')
  const response = (change: object) => (r: Json) => ({ response: { ...r.response, ...change } })
  for (const [code, change] of [
    ['wrong-height', { height: '4' }],
    ['malformed', { proofOps: null }],
    ['malformed', { proofOps: { ops: [] } }],
    ['unavailable', { code: 7, log: 'no such height' }],
  ] as const) {
    const call = at('abci_query', response(change)).query(questions, 3n)
    assert.equal(await codeOf(call), code)
  }
  const swapped = at('abci_query', r => ({
    response: { ...r.response, proofOps: { ops: r.response.proofOps.ops.reverse() } },
  }))
  assert.equal(await codeOf(swapped.query(questions, 3n)), 'format-unknown')
})

test('whatever JSON a server answers, only a VerifyError comes of it', async () => {
  const shapes = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.record({ sync_info: fc.jsonValue(), node_info: fc.jsonValue() }),
    fc.record({ signed_header: fc.jsonValue() }),
    fc.record({ response: fc.jsonValue() }),
  )
  await fc.assert(
    fc.asyncProperty(shapes, async result => {
      const provider = providerOf(answering(() => Response.json({ result })))
      await codeOf(provider.lightBlock('latest'))
      assert.notEqual(await codeOf(provider.lightBlock('latest')), 'answered')
      assert.notEqual(await codeOf(provider.query([{ store: 'state', key: entries[0]!.key }], 3n)), 'answered')
      await codeOf(provider.submit(new Uint8Array(1)))
    }),
    { numRuns: 300 },
  )
})

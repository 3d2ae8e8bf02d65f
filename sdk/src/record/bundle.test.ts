import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changeBytes, changes, readOrRefused } from '../../../test/hostile.ts'
import { createSignedChain } from '../../../test/signed-chain.ts'
import { createSmallTree } from '../../../test/small-tree.ts'
import { encodeUtf8, formatHex } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { bundleBytesMax } from '../limits.ts'
import { createMemoryStore } from '../storage/memory.ts'
import {
  type Bundle,
  createBundleProvider,
  createRecorder,
  decodeBundle,
  encodeBundle,
  isBundle,
  keptBlocks,
} from './bundle.ts'

const crypto = await loadCrypto()
const { blocks } = createSignedChain({ heights: 4, membersAt: () => [{ name: 'a', power: 1n }] }, crypto)
const tree = createSmallTree(crypto)
const entries = ['x', 'y', 'z'].map(name => tree.entry(name, `value ${name}`))
const stores = tree.stores({ history: crypto.sha256(), state: tree.rootOf(entries) })
const keys = ['x', 'q'].map(encodeUtf8)
const questions = keys.map(key => ({ store: 'state', key }))
const answer = { height: 3n, stores: [stores.state], proofs: keys.map(key => tree.answer(entries, key)) }
const bundle: Bundle = { chainId: 'test-chain', document: 'a.b.c~', blocks, states: [{ keys, answer }] }
const encoded = encodeBundle(bundle)

test('a bundle survives, and its changes and noise are refused or are the one spelling', () => {
  assert.deepEqual(encodeBundle(decodeBundle(encoded)), encoded)
  assert.ok(isBundle(encoded) && !isBundle(new Uint8Array(0)) && !isBundle(encodeUtf8('a.b.c~')))
  const read = (bytes: Uint8Array): void => {
    isBundle(bytes)
    const value = readOrRefused(() => decodeBundle(bytes))
    if (value) assert.equal(formatHex(encodeBundle(value)), formatHex(bytes))
  }
  fc.assert(
    fc.property(changes, list => read(changeBytes(encoded, list))),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), noise => {
      read(noise)
      // Behind a beginning that is right, the reader goes further.
      read(Uint8Array.from([...encoded.subarray(0, 40), ...noise]))
    }),
    { numRuns: 1000 },
  )
})

test('a bundle of a later version, without blocks, out of order or too long is refused', () => {
  const later = encoded.slice()
  later[2 + 'muniment/bundle/'.length]! += 1
  assert.ok(!isBundle(later))
  assert.throws(() => decodeBundle(later), { code: 'format-unknown' })
  for (const change of [{ blocks: [] }, { blocks: blocks.toReversed() }, { blocks: [blocks[0]!, blocks[0]!] }])
    assert.throws(() => decodeBundle(encodeBundle({ ...bundle, ...change })), { code: 'malformed' })
  assert.throws(() => decodeBundle(new Uint8Array(bundleBytesMax + 1)), { code: 'oversized' })
  const many = { ...bundle, states: Array.from({ length: 5 }, () => bundle.states[0]!) }
  assert.throws(() => decodeBundle(encodeBundle(many)), { code: 'oversized' })
})

test('a bundle answers what it holds, and is unavailable for all else', async () => {
  const provider = createBundleProvider(bundle)
  assert.deepEqual(await provider.lightBlocks(2n, 3n), blocks.slice(1, 3))
  assert.deepEqual(await provider.lightBlock('latest'), blocks.at(-1))
  assert.deepEqual(await provider.query(questions), answer)
  for (const call of [
    provider.lightBlocks(4n, 5n),
    provider.lightBlocks(0n, 1n),
    provider.lightBlocks(1n, 1n << 62n),
    provider.query(questions.toReversed()),
    provider.query([]),
    provider.submit(new Uint8Array(1)),
  ])
    await assert.rejects(call, { code: 'unavailable' })
})

test('a recorder keeps what was answered of the state, and a bundle takes the blocks that a check has kept', async () => {
  const recorder = createRecorder(createBundleProvider(bundle))
  await recorder.provider.query(questions)
  const store = createMemoryStore()
  for (const block of blocks.toReversed()) await store.put(bundle.chainId, block)
  const kept = await keptBlocks(store, bundle.chainId)
  assert.deepEqual(encodeBundle({ ...bundle, blocks: kept, states: recorder.states() }), encoded)
})

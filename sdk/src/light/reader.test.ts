// What is read under a head, and in how many round trips.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createHistoryChain } from '../../../test/history-chain.ts'
import { chainStart, publicKeyOf } from '../../../test/signed-chain.ts'
import { checkpointOf, signCheckpointAs } from '../../../test/signed-checkpoint.ts'
import { createSmallTree } from '../../../test/small-tree.ts'
import { stubProvider } from '../../../test/stub-provider.ts'
import { encodeUtf8 } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import type { QueryAnswer } from '../ics23/state.ts'
import type { Provider } from '../provider.ts'
import { createMemoryStore } from '../storage/memory.ts'
import { addSeconds } from '../time.ts'
import { createChain } from './chain.ts'
import { createReader, type TrustedReader } from './reader.ts'
import type { TrustRoot } from './trust-root.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const tree = createSmallTree(crypto)
const entries = ['record', 'office', 'service'].map(name => tree.entry(name, `value of ${name}`))
const heights = 30
const chain = createHistoryChain(
  { heights, membersAt: () => [{ name: 'operator', power: 1n }], stateRootAt: () => tree.rootOf(entries) },
  crypto,
)
const now = addSeconds(chainStart, (heights + 1) * 30)
const [record, office, service] = ['record', 'office', 'service'].map(encodeUtf8)

const root: TrustRoot = {
  chainId: 'test-chain',
  genesisHash: chain.genesisHash,
  checkpointKeys: { k: 1, keys: [publicKeyOf('court', crypto)] },
  witnesses: { k: 1, keys: [{ name: 'university', key: publicKeyOf('university', crypto) }] },
  trustLevel: { numerator: 2n, denominator: 3n },
  trustingPeriodSeconds: 86_400,
}

function answerTo(keys: readonly Uint8Array[], related: readonly Uint8Array[] = []): QueryAnswer {
  const history = chain.history({ height: BigInt(heights) }).store.value
  const { state } = tree.stores({ history, state: tree.rootOf(entries) })
  const proofOf = (key: Uint8Array): QueryAnswer['proofs'][number] => tree.answer(entries, key)
  return {
    height: BigInt(heights - 1),
    stores: [state],
    proofs: keys.map(proofOf),
    related: related.map(key => ({ key, proof: proofOf(key) })),
  }
}

/** Counts how often somebody waited for an answer before the next question was asked. */
function counting(provider: Provider): { readonly provider: Provider; readonly roundTrips: () => number } {
  let running = 0
  let waves = 0
  const counted = new Proxy(provider, {
    get(target, name) {
      const member: unknown = target[name as keyof Provider]
      if (typeof member !== 'function') return member
      return async (...given: unknown[]) => {
        if (running++ === 0) waves++
        try {
          await new Promise(resolve => setTimeout(resolve, 20))
          return await member(...given)
        } finally {
          running--
        }
      }
    },
  })
  return { provider: counted, roundTrips: () => waves }
}

function readerOf(provider: Provider): TrustedReader {
  const value = checkpointOf(chain.blocks[4]!.header, root, { hasher: crypto, expiresAt: addSeconds(now, 3_600) })
  const signed = signCheckpointAs(['court'], value, crypto)
  const providers = [provider]
  const store = createMemoryStore()
  const follows = createChain({ root, checkpoint: signed, providers, store, crypto, now: () => now })
  return createReader(follows, { providers, crypto })
}

const node = (related: readonly Uint8Array[], seen: Uint8Array[][] = []): Provider =>
  stubProvider({
    ...chain.serves(heights, ['university']),
    async query(questions) {
      const keys = questions.map(({ key }) => key)
      seen.push(keys)
      return answerTo(keys, seen.length === 1 ? related : [])
    },
  })

test('from a checkpoint to a proven record, with its service, in two round trips', async () => {
  const { provider, roundTrips } = counting(node([service!]))
  const reader = readerOf(provider)
  const state = await reader.read([record!, office!])
  const { values } = await reader.read([service!], { after: state })
  assert.deepEqual(values, [encodeUtf8('value of service')])
  assert.deepEqual(state.head.witnesses, ['university'])
  assert.equal(roundTrips(), 2)
})

test('what was sent along counts only where it is proved; else it is asked for', async () => {
  const forged = encodeUtf8('value of another')
  for (const related of [
    [],
    [{ key: service!, proof: tree.answer([...entries.slice(0, 2), tree.entry('service', 'forged')], service!) }],
    [{ key: service!, proof: tree.answer(entries, office!) }],
    [{ key: office!, proof: tree.answer(entries, service!) }],
  ]) {
    const asked: Uint8Array[][] = []
    const honest = node([], asked)
    const lying: Provider = {
      ...honest,
      query: async (questions, height, options) => ({ ...(await honest.query(questions, height, options)), related }),
    }
    const reader = readerOf(lying)
    const state = await reader.read([record!, office!])
    const { values } = await reader.read([service!], { after: state })
    assert.deepEqual(values, [encodeUtf8('value of service')])
    assert.notDeepEqual(values, [forged])
    assert.equal(asked.length, 2)
  }
})

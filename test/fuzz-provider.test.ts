// Whatever a provider of light blocks answers, nothing is ever verified but the true block, nothing but a VerifyError comes
// out, and few questions are asked. PROVIDER_ANSWERS sets how many syncs with changed answers are tried, PROVIDER_SEED which.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { equals } from '../sdk/src/bytes.ts'
import { headerHash } from '../sdk/src/comet/header.ts'
import { validatorsHash } from '../sdk/src/comet/validator-set.ts'
import { VerifyError } from '../sdk/src/errors.ts'
import { type LightAnswer, LightClient } from '../sdk/src/light/client.ts'
import type { LightProvider } from '../sdk/src/provider.ts'
import { createMemoryStore } from '../sdk/src/storage/memory.ts'
import type { Store } from '../sdk/src/store.ts'
import { blockLies } from './hostile-provider/block-lies.ts'
import { type Answers, count, honestProvider, someLiar, tableOf, withoutHints } from './hostile-provider/provider.ts'
import { blocks, chainId, crypto, hashes, heights, now } from './hostile-provider/story.ts'
import { type Random, randomOf } from './mutation/mutate.ts'

const syncs = Number(process.env.PROVIDER_ANSWERS ?? 12_000)
const seed = Number(process.env.PROVIDER_SEED ?? 20_261_205)
after(() => crypto.close())

/** Far more than an honest provider is ever asked on this chain, for one sync. */
const questionsMax = 120

type Sync = { readonly root: number; readonly target: bigint | 'latest'; readonly mode: 'skipping' | 'sequential' }

function someSync(random: Random): Sync {
  const root = [1, 5, 12, heights][random(4)]!
  const target = random(3) === 0 ? 'latest' : BigInt(1 + random(heights + 2))
  return { root, target, mode: random(4) === 0 ? 'sequential' : 'skipping' }
}

/** Empty, or planted with lies about some heights: anybody may have written to it. */
async function someStore(random: Random): Promise<Store> {
  const store = createMemoryStore()
  const kinds = Object.keys(blockLies)
  for (let planted = random(8) === 0 ? 1 + random(6) : 0; planted > 0; planted--) {
    const lie = blockLies[kinds[random(kinds.length)]!]!
    await store.put(chainId, lie(blocks[random(heights)]!, random))
  }
  return store
}

type Peers = { readonly primary: LightProvider; readonly witnesses: readonly LightProvider[]; readonly store: Store }

function clientOf({ root, mode }: Sync, { primary, witnesses, store }: Peers): LightClient {
  return new LightClient({
    chainId,
    trustRoot: { height: BigInt(root), hash: hashes[root - 1]! },
    trustingPeriodNs: 86_400n * 1_000_000_000n,
    primary,
    witnesses,
    store,
    now,
    mode,
    crypto,
  })
}

/** What came of it: the true block, or a VerifyError. */
async function outcomeOf(client: LightClient, { target }: Sync): Promise<LightAnswer | VerifyError> {
  try {
    const answer = await client.verifyAtHeight(target)
    assertTrue(answer, target)
    return answer
  } catch (error) {
    if (error instanceof VerifyError) return error
    throw error
  }
}

function assertTrue({ block, height }: LightAnswer, target: Sync['target']): void {
  if (target !== 'latest') assert.equal(height, target)
  const hash = headerHash(block.header, crypto)
  assert.ok(equals(hash, hashes[Number(height) - 1]!), `another block was verified at ${height}`)
  assert.ok(equals(validatorsHash(block.validatorSet, crypto), block.header.validatorsHash))
  assert.equal(block.header.height, height)
}

test(`${syncs} syncs with changed answers never verify another block, and end`, {
  timeout: 4 * 3_600_000,
}, async () => {
  const random = randomOf(seed)
  const outcomes = new Map<string, number>()
  const kinds = new Map<string, number>()
  const truth = honestProvider()
  const before: Answers = new Map()
  for (let run = 0; run < syncs; run++) {
    const sync = someSync(random)
    const plan = { random, truth: random(2) === 0 ? truth : withoutHints(truth), before }
    const liar = someLiar(plan, 4)
    const honest = honestProvider()
    const alone = random(3) === 0
    const peers = random(2) === 0 ? [liar.provider, honest] : [honest, liar.provider]
    const [primary, witnesses] = alone ? [liar.provider, []] : [peers[0]!, peers.slice(1)]
    const where = (): string => `seed ${seed}, run ${run}, ${JSON.stringify(liar.told.lies)}`
    try {
      const client = clientOf(sync, { primary, witnesses, store: await someStore(random) })
      const outcome = await outcomeOf(client, sync)
      const code = outcome instanceof VerifyError ? outcome.code : 'verified'
      const exists = sync.target === 'latest' || sync.target <= BigInt(heights)
      // One honest provider is enough, whatever the other one says.
      if (witnesses.length > 0 && exists) assert.equal(code, 'verified')
      if (sync.target === 'latest' && witnesses.length > 0)
        assert.equal((outcome as LightAnswer).height, BigInt(heights))
      assert.ok(liar.told.questions <= questionsMax, `${liar.told.questions} questions`)
      assert.equal((await client.evidence()).length, 0, 'nobody has signed two blocks')
      count(outcomes, code)
      for (const kind of liar.told.lies) count(kinds, kind)
    } catch (error) {
      throw new Error(`${where()}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error })
    }
  }
  console.log(`${syncs} syncs (seed ${seed}); lies told:\n${tableOf(kinds)}\nwhat came of them:\n${tableOf(outcomes)}`)
  if (syncs >= 5_000) {
    const untold = Object.keys(blockLies).filter(kind => !kinds.has(kind))
    assert.deepEqual(untold, [])
    assert.ok(outcomes.size >= 10, 'lies are found out in many different ways')
  }
})

test('every kind of lie is really one', () => {
  for (const [kind, lie] of Object.entries(blockLies)) {
    const changed = Array.from({ length: 8 }, (_, i) => lie(blocks[3 + i]!, randomOf(i)))
    assert.ok(
      changed.some((block, i) => !isDeepStrictEqual(block, blocks[3 + i]!)),
      kind,
    )
  }
})

// Whatever a node of a network of ours answers, no state is read but the true one, no head counts as witnessed but by those who
// cosigned it, and no old block is believed but the one that the log has. PROVIDER_ANSWERS sets how many readings with changed
// answers are tried, PROVIDER_SEED which.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { equals } from '../sdk/src/bytes.ts'
import { headerHash } from '../sdk/src/comet/header.ts'
import type { LightBlock } from '../sdk/src/comet/light-block.ts'
import { VerifyError } from '../sdk/src/errors.ts'
import { type Chain, createChain } from '../sdk/src/light/chain.ts'
import { createReader } from '../sdk/src/light/reader.ts'
import type { Provider } from '../sdk/src/provider.ts'
import { createMemoryStore } from '../sdk/src/storage/memory.ts'
import { addSeconds } from '../sdk/src/time.ts'
import {
  blocks,
  checkpointAt,
  forgedState,
  hashes,
  heights,
  honestNode,
  keys,
  now,
  root,
  valuesAt,
  witnessesOf,
} from './hostile-provider/network.ts'
import { type Answers, count, someLiar, tableOf } from './hostile-provider/provider.ts'
import { crypto } from './hostile-provider/story.ts'
import { type Random, randomOf } from './mutation/mutate.ts'

const readings = Number(process.env.PROVIDER_ANSWERS ?? 8_000)
const seed = Number(process.env.PROVIDER_SEED ?? 20_261_206)
after(() => crypto.close())

/** For one reading; an honest node is asked about twenty. */
const questionsMax = 150

/** Live for long, past two thirds of its life, or run out. */
const checkpoints = [3_600, 1_000, 600].map(seconds => checkpointAt(8, { from: addSeconds(now, -800), seconds }))

function chainOf(providers: readonly Provider[], random: Random): Chain {
  return createChain({
    root,
    checkpoint: checkpoints[random(random(4) === 0 ? 3 : 1)]!,
    providers,
    store: createMemoryStore(),
    crypto,
    now: () => now,
  })
}

function assertTrueBlock(block: LightBlock): void {
  const { height } = block.header
  assert.ok(equals(headerHash(block.header, crypto), hashes[Number(height) - 1]!), `another block at ${height}`)
}

/** Reads the state, then an old block; answers how it ended. */
async function read(providers: readonly Provider[], random: Random): Promise<string> {
  const chain = chainOf(providers, random)
  const reader = createReader(chain, { providers, crypto })
  const state = await reader.read(keys)
  const { head, values } = state
  const height = Number(head.height)
  assertTrueBlock(head.block)
  assert.deepEqual(values, valuesAt(height))
  if (head.witnesses.length > 0) assert.deepEqual(head.witnesses.toSorted(), witnessesOf(height).toSorted())
  assert.deepEqual((await reader.read(keys.slice(0, 1), { after: state })).values, valuesAt(height).slice(0, 1))
  const old = BigInt(1 + random(7))
  const { block } = await chain.trustedAt(old)
  assert.equal(block.header.height, old)
  assertTrueBlock(block)
  return head.witnesses.length >= root.witnesses.k ? 'read, witnessed' : 'read, without witnesses'
}

test(`${readings} readings with changed answers read nothing but what is true, and end`, {
  timeout: 4 * 3_600_000,
}, async () => {
  const random = randomOf(seed)
  const outcomes = new Map<string, number>()
  const kinds = new Map<string, number>()
  const before: Answers = new Map()
  for (let run = 0; run < readings; run++) {
    // An answer from elsewhere takes a turn of the event loop; before it ends nothing is given back that a WeakRef was asked for.
    await setImmediate()
    const truth = honestNode(heights - random(3))
    const liar = someLiar({ random, truth, before, forgedState }, 10)
    const [alone, first] = [random(2) === 0, random(2) === 0]
    const honest = honestNode()
    const providers = alone ? [liar.provider] : first ? [liar.provider, honest] : [honest, liar.provider]
    let outcome: string
    try {
      outcome = await read(providers, random)
    } catch (error) {
      const where = `seed ${seed}, run ${run}, ${JSON.stringify(liar.told.lies)}`
      const words = error instanceof Error ? error.stack : String(error)
      if (!(error instanceof VerifyError) || !alone) throw new Error(`${where}: ${words}`, { cause: error })
      outcome = error.code
    }
    assert.ok(liar.told.questions <= questionsMax, `${liar.told.questions} questions`)
    // One honest node is enough for the whole of it.
    if (!alone) assert.equal(outcome, 'read, witnessed', `seed ${seed}, run ${run}, ${JSON.stringify(liar.told.lies)}`)
    count(outcomes, outcome)
    for (const kind of liar.told.lies) count(kinds, kind)
  }
  console.log(
    `${readings} readings (seed ${seed}); lies told:\n${tableOf(kinds)}\nwhat came of them:\n${tableOf(outcomes)}`,
  )
  if (readings < 5_000) return
  const asked = ['a state', 'a history', 'a checkpoint', 'a witnessed head']
  for (const question of asked) assert.ok(kinds.get(`${question} is changed`)! > readings / 200, question)
  assert.ok(outcomes.size >= 10, 'lies are found out in many different ways')
})

test('nothing changed, nothing refused', async () => {
  for (let i = 0; i < 4; i++) assert.equal(await read([honestNode(heights - i)], randomOf(i)), 'read, witnessed')
  assert.equal(blocks.length, heights)
})

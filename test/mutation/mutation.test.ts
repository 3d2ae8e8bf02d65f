// Whatever is changed in a valid answer, the verdict is never "valid". MUTATIONS sets how many changes are tried; the report
// says at which step each was found out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBundle, encodeBundle, type Verdict } from '@muniment/sdk'
import { makeFixture, verifyAgainst, verifyBytes } from './fixture.ts'
import { flipBit, lies, randomOf } from './mutate.ts'

const count = Number(process.env.MUTATIONS ?? 20_000)
const seed = Number(process.env.MUTATION_SEED ?? 20_261_122)
const fixture = await makeFixture()
const encoded = encodeBundle(fixture.bundle)

/** The step that a check did not get past. */
function stageOf(verdict: Verdict): string {
  return verdict.steps.find(({ state }) => state === 'fail' || state === 'unknown')?.code ?? 'none'
}

test('the answer is valid before anything is changed', async () => {
  for (const verdict of [await verifyBytes(fixture, encoded), await verifyAgainst(fixture, fixture.bundle)]) {
    assert.deepEqual([verdict.kind, verdict.code], ['valid', 'current'], verdict.evidence)
  }
  assert.ok(fixture.bundle.blocks.length >= 3, 'the way to the head has a step between')
})

test(`${count} changes of a valid answer never give "valid"`, { timeout: 4 * 3_600_000 }, async () => {
  const random = randomOf(seed)
  const names = Object.keys(lies)
  const stages = new Map<string, number>()
  let structured = 0
  for (let run = 0; run < count; run++) {
    let verdict: Verdict
    let name = 'a bit is flipped'
    if (run % 5 < 2) verdict = await verifyBytes(fixture, flipBit(encoded, random))
    else {
      structured++
      name = names[random(names.length)]!
      const lie = lies[name]!(fixture.bundle, fixture, random)
      // Encoded and decoded again, as it would arrive; what can't even be decoded was found out there.
      verdict = await verifyBytes(fixture, encodeBundle(lie))
    }
    assert.notEqual(verdict.kind, 'valid', `${name} (seed ${seed}, run ${run})`)
    assert.notEqual(verdict.code, 'single-operator', `${name} (seed ${seed}, run ${run})`)
    const stage = `${stageOf(verdict)}: ${verdict.code}`
    stages.set(stage, (stages.get(stage) ?? 0) + 1)
  }
  assert.ok(structured * 2 >= count)
  console.log(`${count} changes, ${structured} of them on decoded structures (seed ${seed}); found out at`)
  for (const [stage, found] of [...stages].sort((left, right) => right[1] - left[1]))
    console.log(`  ${stage.padEnd(28)} ${found}`)
  assert.ok(stages.size >= 6, 'changes reach many different steps')
})

test('every kind of lie is really one: it changes what is sent', () => {
  for (const [name, lie] of Object.entries(lies)) {
    const changed = encodeBundle(lie(fixture.bundle, fixture, randomOf(7)))
    assert.notDeepEqual(changed, encoded, name)
  }
  assert.deepEqual(encodeBundle(decodeBundle(encoded)), encoded)
})

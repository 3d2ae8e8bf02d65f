// The same verdict as noble's, on inputs made to be awkward (ed25519-cases.ts). MUNIMENT_SEED repeats a run, MUNIMENT_SIGNATURES
// makes it longer: `npm run soak` asks for a million. Noble decides each one.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { concat, formatHex } from '../../sdk/src/bytes.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { implementations } from '../crypto-implementations.ts'
import { batchesOf, type Cases, createCases, shuffledCases } from '../ed25519-cases.ts'
import { largeOrderSpellings, nobleAccepts, smallOrderEncodings } from '../ed25519-signing.ts'
import { badOf, badOfPacked, engineChoices } from '../signature-engines.ts'

const signatures = Number(process.env.MUNIMENT_SIGNATURES ?? 20_000)
const seed = process.env.MUNIMENT_SEED ?? randomBytes(8).toString('hex')
/** A store of keys serves so many; then others come, and the engine must forget. */
const perRound = 20_000

type Judged = { readonly kind: string; readonly item: SignedMessage; readonly accepted: boolean }

/** `count` cases of each kind with noble's verdict, which is what the kind is made for. */
function judgedCases(cases: Cases, count: number): readonly Judged[] {
  const judged = shuffledCases(cases, count).map(each => ({ ...each, accepted: nobleAccepts(each.item) }))
  for (const [kind, { accepts }] of Object.entries(cases.kinds)) {
    const accepted = judged.filter(each => each.kind === kind && each.accepted).length
    if (accepts === 'some') assert.ok(accepted > 0 && accepted < count, kind)
    else assert.equal(accepted, accepts === 'all' ? count : 0, kind)
  }
  return judged
}

function assertVerdicts(asked: readonly Judged[], bad: readonly number[], by: string): void {
  const told = new Set(bad)
  const differing = asked.flatMap(({ kind, item, accepted }, i) =>
    told.has(i) === accepted
      ? [`${kind}: ${formatHex(concat(item.publicKey, item.signature, item.message))} among ${asked.length}`]
      : [],
  )
  assert.deepEqual(differing, [], `${by}, seed ${seed}`)
}

const kindCount = Object.keys(createCases(seed).kinds).length

test(`both modules give noble's verdict on ${signatures} awkward signatures, alone and in batches of every size (seed ${seed})`, async context => {
  assert.deepEqual([smallOrderEncodings.length, largeOrderSpellings.length], [14, 20])
  const choices = engineChoices.filter(({ skip }) => skip === false)
  const engines = await Promise.all(choices.map(({ open }) => open()))
  let [done, accepted] = [0, 0]
  for (let round = 0; done < signatures; round++) {
    const cases = createCases(`${seed} ${round}`)
    const judged = judgedCases(cases, Math.ceil(Math.min(perRound, signatures - done) / kindCount))
    done += judged.length
    const good = judged.filter(each => each.accepted)
    accepted += good.length
    // As they come most batches are cut down to single signatures; without bad ones, or with few, their equations decide.
    const fewBad = judged.filter((each, i) => each.accepted || i % 200 === 0)
    for (const engine of engines) {
      for (const list of [judged, good, good.toReversed(), fewBad, fewBad.toReversed()]) {
        for (const batch of batchesOf(list, cases.random)) {
          const ask = cases.random.below(2) === 0 ? badOf : badOfPacked
          const items = batch.map(({ item }) => item)
          assertVerdicts(batch, ask(engine, items), engine.name)
        }
      }
    }
  }
  context.diagnostic(
    `${done} signatures, ${accepted} of them good, by ${engines.map(({ name }) => name).join(' and ')}`,
  )
  assert.ok(done >= signatures)
})

test(`every implementation gives noble's verdict on awkward signatures (seed ${seed})`, async () => {
  const judged = judgedCases(createCases(seed), 50)
  for (const { name, open } of implementations) {
    const crypto = await open()
    assertVerdicts(judged, await crypto.verifyEd25519(judged.map(({ item }) => item)), name)
    crypto.close()
  }
})

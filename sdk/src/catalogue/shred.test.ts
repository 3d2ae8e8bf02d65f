import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fact } from './procedure.ts'
import { keeping, keepSeconds, shredDue } from './shred.ts'

const day = 86_400
const fact = (name: string, show: Fact['show'], keepDays: number | undefined): Fact => ({
  ...{ name, show, type: 'text', codes: [], to: [], held: '' },
  keepSeconds: keepDays === undefined ? undefined : keepDays * day,
})
const state = (isFinal: boolean) => ({ waits: undefined, clock: undefined, pauses: false, isFinal, frees: false })
const states = { open: state(false), closed: state(true) }
const of = (...facts: readonly Fact[]) => ({ facts: Object.fromEntries(facts.map(each => [each.name, each])), states })
const at = (seconds: number) => ({ seconds: BigInt(seconds), nanos: 0 })
const closed = { state: 'closed', stateTime: at(1_000), committed: new Uint8Array(32), shreddedTime: undefined }
const files = of(
  fact('plate', 'committed', 10),
  fact('photo', 'sealed', 30),
  fact('name', 'sealed', undefined),
  fact('place', 'public', 99),
)

test('a case is kept for the longest time that one of its private fields says; what is kept always is not asked', () => {
  assert.equal(keepSeconds(files), 30 * day)
  assert.equal(keepSeconds(of(fact('name', 'sealed', undefined))), undefined)
  assert.equal(keepSeconds(of(fact('place', 'public', 99))), undefined)
})

test('time runs from the end of the case; a case that lives, or never committed to anything, has nothing to destroy', () => {
  assert.deepEqual(shredDue(files, closed), at(1_000 + 30 * day))
  assert.equal(shredDue(files, { ...closed, state: 'open' }), undefined)
  assert.equal(shredDue(files, { ...closed, committed: new Uint8Array(0) }), undefined)
  assert.equal(shredDue(of(fact('name', 'sealed', undefined)), closed), undefined)
})

test('everybody can tell whether an agency is late: kept, due, destroyed', () => {
  assert.equal(keeping(files, closed, at(1_000 + 30 * day - 1)), 'kept')
  assert.equal(keeping(files, closed, at(1_000 + 30 * day)), 'due')
  assert.equal(keeping(files, { ...closed, shreddedTime: at(2_000) }, at(1_500)), 'destroyed')
})

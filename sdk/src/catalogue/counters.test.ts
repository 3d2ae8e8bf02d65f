import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addCounters, commonCounters, counterNames, medianDays, readCounters, withinDays } from './counters.ts'

const procedure = { steps: {} }

function leafOf(days: readonly number[], prefix: 'endedIn' | 'correctedIn'): Uint8Array {
  const names = counterNames(procedure)
  const leaf = new Uint8Array(names.length * 8)
  const view = new DataView(leaf.buffer)
  for (const each of days) {
    const at = names.indexOf(withinDays(prefix, BigInt(each) * 86_400n)) * 8
    view.setBigUint64(at, view.getBigUint64(at) + 1n)
  }
  return leaf
}

test('the median that a leaf of counters proves lies around the median of the cases', () => {
  const days = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(days, fc.constantFrom('endedIn', 'correctedIn'), (each, prefix) => {
      const bounds = medianDays(readCounters(procedure, leafOf(each, prefix)), prefix)!
      const sorted = each.toSorted((a, b) => a - b)
      const median = sorted[Math.ceil(sorted.length / 2) - 1]!
      assert.ok(median > bounds.above || (median === 0 && bounds.above === 0), `${median} above ${bounds.above}`)
      assert.ok(median <= (bounds.atMost ?? Number.POSITIVE_INFINITY), `${median} at most ${bounds.atMost}`)
    }),
  )
})

test('of nothing there is no median, beyond the last bound it is only known to be beyond', () => {
  assert.equal(medianDays(readCounters(procedure, leafOf([], 'endedIn')), 'endedIn'), undefined)
  assert.deepEqual(medianDays(readCounters(procedure, leafOf([300], 'endedIn')), 'endedIn'), {
    above: 256,
    atMost: undefined,
  })
  assert.deepEqual(medianDays(readCounters(procedure, leafOf([1, 1, 300], 'endedIn')), 'endedIn'), {
    above: 0,
    atMost: 1,
  })
})

test('figures of several months add up, and a leaf of another length is no leaf of the service', () => {
  const all = addCounters(
    readCounters(procedure, leafOf([1, 3], 'endedIn')),
    readCounters(procedure, leafOf([3], 'endedIn')),
  )
  assert.deepEqual([all.endedIn1, all.endedIn2, all.endedIn4], [1n, 0n, 2n])
  assert.equal(Object.keys(all).length, counterNames(procedure).length)
  assert.ok(commonCounters.every(name => name in all))
  assert.throws(() => readCounters(procedure, new Uint8Array(8)), { name: 'VerifyError', code: 'malformed' })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newPool } from './pool.ts'

const transaction = (number: number, length = 10): Uint8Array => new Uint8Array(length).fill(number)
const limits = { transactionsMax: 5, bytesMax: 100, perSenderMax: 2 }

describe('pool', () => {
  test('gives the oldest first, as many as fit, and stops at the first that does not', () => {
    const pool = newPool({ ...limits, bytesMax: 1_000 })
    const all = [transaction(1, 20), transaction(2, 200), transaction(3, 20)]
    for (const each of all) pool.add(each, undefined)
    assert.deepEqual(pool.reap(100), [all[0]])
    assert.deepEqual(pool.reap(1_000), all)
  })

  test('is bounded in number, in bytes and for each sender', () => {
    const pool = newPool(limits)
    pool.add(transaction(1), 'a')
    pool.add(transaction(2), 'a')
    assert.match(pool.refuses(transaction(3), 'a') ?? '', /of this sender/)
    assert.equal(pool.refuses(transaction(3), 'b'), undefined)
    assert.match(pool.refuses(transaction(3, 90), 'b') ?? '', /full/)
    for (const number of [3, 4, 5]) pool.add(transaction(number), undefined)
    assert.match(pool.refuses(transaction(6), undefined) ?? '', /full/)
  })

  test('what is taken out makes room again', () => {
    const pool = newPool(limits)
    pool.add(transaction(1), 'a')
    pool.add(transaction(2), 'a')
    pool.add(transaction(2), 'a')
    assert.equal(pool.count(), 2)
    pool.remove([transaction(1), transaction(9)])
    assert.equal(pool.bytes(), 10)
    assert.equal(pool.refuses(transaction(3), 'a'), undefined)
    assert.equal(pool.has(transaction(2)), true)
    assert.equal(pool.has(transaction(1)), false)
  })
})

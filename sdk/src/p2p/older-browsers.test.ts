// What a browser of early 2023 is given so that libp2p runs in it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { supplyMissing } from './older-browsers.ts'

/** A host whose Promise and AbortSignal have nothing newer than 2022. */
function olderHost(): typeof globalThis {
  return { Promise: {}, AbortSignal: {} } as unknown as typeof globalThis
}

test('a promise is resolved and rejected from outside', async () => {
  const host = olderHost()
  supplyMissing(host)
  const good = host.Promise.withResolvers<number>()
  good.resolve(7)
  assert.equal(await good.promise, 7)
  const bad = host.Promise.withResolvers<number>()
  bad.reject(new Error('no'))
  await assert.rejects(bad.promise, /no/)
})

test('the first of some signals ends what waits for any of them, with its reason', () => {
  const host = olderHost()
  supplyMissing(host)
  const [one, two] = [new AbortController(), new AbortController()]
  const either = host.AbortSignal.any([one.signal, two.signal])
  assert.equal(either.aborted, false)
  two.abort('late')
  assert.deepEqual([either.aborted, either.reason], [true, 'late'])
})

test('what a browser has of its own is left alone', () => {
  const { withResolvers } = Promise
  supplyMissing()
  assert.equal(Promise.withResolvers, withResolvers)
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AccountEntry, AccountKey, HeldKey } from '@muniment/sdk'
import { parseDelegation } from './delegations.ts'
import { recoveryState } from './recovery.ts'

const keyOf = (fill: number): AccountKey => ({ algorithm: 1, bytes: new Uint8Array(32).fill(fill) })
const held = (key: AccountKey, endedHeight = 0n): HeldKey => ({
  key,
  fromHeight: 1n,
  endedHeight,
  passkey: undefined,
  isIdentity: true,
})
const [old, fresh, other] = [keyOf(1), keyOf(2), keyOf(3)]
const ready = { seconds: 1_000n, nanos: 0 }
const entry = (keys: readonly HeldKey[], recovering?: AccountKey): AccountEntry => ({
  keys,
  nonceFloor: 0n,
  nonceBits: 0n,
  createdHeight: 1n,
  guardians: undefined,
  recovery: recovering && {
    key: recovering,
    passkey: undefined,
    isIdentity: true,
    startedHeight: 2n,
    readyTime: ready,
    office: '',
  },
  delegationsEndedHeight: 0n,
  actsDay: 0n,
  actsCount: 0n,
})
const at = (seconds: bigint) => ({ seconds, nanos: 0 })

describe('a recovery', () => {
  it('has not been heard of before the guardians signed, nor after it was cancelled', () => {
    assert.equal(recoveryState(entry([held(old)]), fresh, at(5n)), 'unheard')
  })

  it('runs until its time, and can then be finished', () => {
    const running = entry([held(old)], fresh)
    assert.deepEqual(
      [0n, 999n, 1_000n, 2_000n].map(seconds => recoveryState(running, fresh, at(seconds))),
      ['running', 'running', 'ready', 'ready'],
    )
  })

  it('of somebody else’s key is never taken for one’s own', () => {
    assert.equal(recoveryState(entry([held(old)], other), fresh, at(2_000n)), 'other')
    const otherKind = { ...fresh, algorithm: 2 }
    assert.equal(recoveryState(entry([held(old)], otherKind), fresh, at(2_000n)), 'other')
  })

  it('is done when the account holds the key, and not when it has ended again', () => {
    assert.equal(recoveryState(entry([held(old, 5n), held(fresh)]), fresh, at(0n)), 'done')
    assert.equal(recoveryState(entry([held(old), held(fresh, 9n)]), fresh, at(0n)), 'unheard')
  })
})

describe('the link of a delegation', () => {
  it('names one, in one spelling', () => {
    const id = 'ab'.repeat(32)
    assert.deepEqual(parseDelegation(`https://id.example/identity#d1/${id}`), new Uint8Array(32).fill(0xab))
    for (const text of [`d1/${id.toUpperCase()}`, `d1/${id}0`, `d2/${id}`, `x#y#d1/${id} x`, '', 'd1/'])
      assert.equal(parseDelegation(text), undefined, text)
  })
})

// What every Provider promises. Call it from a test file of each implementation.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { validateLightBlock } from '../../sdk/src/comet/validate.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { VerifyError } from '../../sdk/src/errors.ts'
import { verifyState } from '../../sdk/src/ics23/verify.ts'
import { verifyLightBlock } from '../../sdk/src/light/verify.ts'
import type { Provider } from '../../sdk/src/provider.ts'
import { compareTime, timeFromMilliseconds } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'

export type ServedChain = {
  readonly provider: Provider
  readonly chainId: string
  /** At least six, from height 1. */
  readonly latestHeight: bigint
  /** A key that the state holds at every height from 2, and one that it never holds. */
  readonly present: { readonly key: Uint8Array; readonly value: Uint8Array }
  readonly absent: Uint8Array
  /** A transaction that the ledger takes. */
  readonly transaction: Uint8Array
  /** Of nodes of our own. */
  readonly tellsTime?: boolean
  readonly close?: () => Promise<void>
}

const crypto = await loadCrypto()

/** `open` starts what serves the chain, and connects to it. */
export function testProviderCompliance(name: string, open: () => Promise<ServedChain>): void {
  const withChain = async (run: (chain: ServedChain) => Promise<void>): Promise<void> => {
    const chain = await open()
    try {
      await run(chain)
    } finally {
      await chain.provider.close()
      await chain.close?.()
    }
  }

  test(`${name}: light blocks come whole, ascending, both ends included`, () =>
    withChain(async ({ provider, chainId, latestHeight }) => {
      const blocks = await provider.lightBlocks(2n, 5n)
      assert.deepEqual(
        blocks.map(({ header }) => header.height),
        [2n, 3n, 4n, 5n],
      )
      const newest = await provider.lightBlock('latest')
      assert.ok(newest.header.height >= latestHeight)
      assert.deepEqual(await provider.lightBlock(3n), blocks[1])
      for (const block of [...blocks, newest]) {
        validateLightBlock(block, chainId, crypto)
        assert.equal(block.shortened, undefined)
      }
    }))

  test(`${name}: a commit may be shortened to what a trusted set needs, and verifies from it`, () =>
    withChain(async ({ provider }) => {
      const first = await provider.lightBlock(2n)
      const trustLevel = { numerator: 1n, denominator: 3n }
      const shortFor = { validatorsHash: first.header.validatorsHash, trustLevel }
      const short = await provider.lightBlock(5n, { shortFor })
      const now = short.header.time
      const answer = await verifyLightBlock({
        trusted: first as Trusted<LightBlock>,
        untrusted: short,
        trustLevel,
        now,
        trustingPeriodNs: 10n ** 18n,
        maxClockDriftNs: 10n ** 10n,
        crypto,
      })
      assert.equal(answer.kind, 'verified')
      assert.deepEqual(short.header, (await provider.lightBlock(5n)).header)
    }))

  test(`${name}: a validator set that a header names is found by its hash`, () =>
    withChain(async ({ provider }) => {
      const { header, validatorSet } = await provider.lightBlock('latest')
      assert.deepEqual(await provider.validatorSet(header.validatorsHash), validatorSet)
      await assert.rejects(provider.validatorSet(new Uint8Array(32).fill(7)), isNotThere)
    }))

  test(`${name}: a height that is not there is refused: unavailable, or no such height`, () =>
    withChain(async ({ provider, latestHeight }) => {
      const beyond = latestHeight + 1_000_000n
      await assert.rejects(provider.lightBlocks(beyond, beyond), isNotThere)
    }))

  test(`${name}: state answers prove presence and absence under the next header\u2019s app hash`, () =>
    withChain(async ({ provider, present, absent }) => {
      const keys = [present.key, absent]
      for (const height of [3n, undefined]) {
        const questions = keys.map(key => ({ store: 'state', key }))
        const answer = await provider.query(questions, height)
        if (height !== undefined) assert.equal(answer.height, height)
        const next = await provider.lightBlock(answer.height + 1n)
        const verified = verifyState({ answer, keys, header: next.header as Trusted<LightBlock['header']> }, crypto)
        assert.ok(verified.kind === 'verified', verified.kind === 'invalid' ? verified.error.message : '')
        assert.deepEqual(verified.values, [present.value, undefined])
      }
    }))

  test(`${name}: a transaction is taken, and the answer is a code`, () =>
    withChain(async ({ provider, transaction }) => {
      assert.equal((await provider.submit(transaction)).code, 0)
    }))

  test(`${name}: the time that it says is the time, or it says none`, () =>
    withChain(async ({ provider, tellsTime = false }) => {
      const before = timeFromMilliseconds(Date.now())
      const time = await provider.time?.().catch(error => assert.ok(isNotThere(error), String(error)))
      assert.equal(time !== undefined, tellsTime)
      if (time === undefined) return
      assert.ok(compareTime(before, time) <= 0)
      assert.ok(compareTime(time, timeFromMilliseconds(Date.now())) <= 0)
    }))

  test(`${name}: a call that is called off rejects with the caller\u2019s reason`, () =>
    withChain(async ({ provider, present }) => {
      const controller = new AbortController()
      const reason = new Error('called off')
      controller.abort(reason)
      const options = { signal: controller.signal }
      for (const call of [
        provider.lightBlock('latest', options),
        provider.lightBlocks(1n, 2n, options),
        provider.query([{ store: 'state', key: present.key }], undefined, options),
        provider.submit(new Uint8Array(1), options),
      ]) {
        await assert.rejects(call, error => error === reason)
      }
    }))
}

function isNotThere(error: unknown): boolean {
  return error instanceof VerifyError && ['unavailable', 'wrong-height'].includes(error.code)
}

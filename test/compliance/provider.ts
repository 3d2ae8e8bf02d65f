// What every Provider promises. Call it from a test file of each implementation.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { validateLightBlock } from '../../sdk/src/comet/validate.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { VerifyError } from '../../sdk/src/errors.ts'
import { verifyState } from '../../sdk/src/ics23/verify.ts'
import type { Provider } from '../../sdk/src/provider.ts'
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

  test(`${name}: status names the chain and its heights`, () =>
    withChain(async ({ provider, chainId, latestHeight }) => {
      const status = await provider.status()
      assert.equal(status.chainId, chainId)
      assert.ok(status.latestHeight >= latestHeight)
      assert.equal(status.earliestHeight, 1n)
    }))

  test(`${name}: light blocks come whole, ascending, both ends included`, () =>
    withChain(async ({ provider, chainId, latestHeight }) => {
      const blocks = await provider.lightBlocks({ from: 2n, to: 5n })
      assert.deepEqual(
        blocks.map(({ header }) => header.height),
        [2n, 3n, 4n, 5n],
      )
      const [newest, ...others] = await provider.lightBlocks('latest')
      assert.equal(others.length, 0)
      assert.ok(newest!.header.height >= latestHeight)
      for (const block of [...blocks, newest!]) validateLightBlock(block, chainId, crypto)
    }))

  test(`${name}: a height that is not there is refused: unavailable, or no such height`, () =>
    withChain(async ({ provider, latestHeight }) => {
      const beyond = latestHeight + 1_000_000n
      await assert.rejects(provider.lightBlocks({ from: beyond, to: beyond }), isNotThere)
    }))

  test(`${name}: state answers prove presence and absence under the next header\u2019s app hash`, () =>
    withChain(async ({ provider, present, absent }) => {
      const keys = [present.key, absent]
      for (const height of [3n, undefined]) {
        const answer = await provider.state(height === undefined ? { keys } : { keys, height })
        if (height !== undefined) assert.equal(answer.height, height)
        const [next] = await provider.lightBlocks({ from: answer.height + 1n, to: answer.height + 1n })
        const verified = verifyState({ answer, keys, header: next!.header as Trusted<LightBlock['header']> }, crypto)
        assert.ok(verified.kind === 'verified', verified.kind === 'invalid' ? verified.error.message : '')
        assert.deepEqual(verified.values, [present.value, undefined])
      }
    }))

  test(`${name}: a transaction is taken, and the answer is a code`, () =>
    withChain(async ({ provider, transaction }) => {
      assert.equal((await provider.submit(transaction)).code, 0)
    }))

  test(`${name}: a call that is called off rejects with the caller\u2019s reason`, () =>
    withChain(async ({ provider, present }) => {
      const controller = new AbortController()
      const reason = new Error('called off')
      controller.abort(reason)
      const options = { signal: controller.signal }
      for (const call of [
        provider.status(options),
        provider.lightBlocks('latest', options),
        provider.state({ keys: [present.key] }, options),
        provider.submit(new Uint8Array(1), options),
      ]) {
        await assert.rejects(call, error => error === reason)
      }
    }))
}

function isNotThere(error: unknown): boolean {
  return error instanceof VerifyError && ['unavailable', 'wrong-height'].includes(error.code)
}

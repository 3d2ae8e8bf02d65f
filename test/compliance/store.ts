// What every Store promises. Call it from a test file of each implementation.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHex } from '../../sdk/src/bytes.ts'
import { evidenceId } from '../../sdk/src/comet/evidence.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { storedEvidenceMax, storedLightBlocksMax } from '../../sdk/src/limits.ts'
import type { Store, StoredEvidence } from '../../sdk/src/store.ts'
import { createSignedChain } from '../signed-chain.ts'

const crypto = await loadCrypto()
const [template] = createSignedChain({ heights: 1, membersAt: () => [{ name: 'office', power: 1n }] }, crypto).blocks

/** Stores verify nothing: the same block under any height will do. */
function blockAt(height: bigint, chainId = 'one'): LightBlock {
  return { ...template!, header: { ...template!.header, height, chainId } }
}

/** `open` gives an empty store each time. */
export function testStoreCompliance(name: string, open: () => Promise<Store>): void {
  const withStore = async (run: (store: Store) => Promise<void>): Promise<void> => {
    const store = await open()
    try {
      await run(store)
    } finally {
      await store.close()
    }
  }

  test(`${name}: what was put is what is got, byte for byte`, () =>
    withStore(async store => {
      await store.put('one', blockAt(5n))
      assert.deepEqual(await store.get('one', 5n), blockAt(5n))
      assert.equal(await store.get('one', 4n), undefined)
      await store.put('one', {
        ...blockAt(5n),
        validatorSet: { ...template!.validatorSet, proposer: new Uint8Array(0) },
      })
      assert.equal((await store.get('one', 5n))!.validatorSet.proposer.length, 0)
    }))

  test(`${name}: newest is the greatest height, or the greatest not above a given one`, () =>
    withStore(async store => {
      assert.equal(await store.newest('one'), undefined)
      for (const height of [100n, 9n, 10n, 9_007_199_254_740_993n]) await store.put('one', blockAt(height))
      assert.equal((await store.newest('one'))!.header.height, 9_007_199_254_740_993n)
      assert.equal((await store.newest('one', 99n))!.header.height, 10n)
      assert.equal((await store.newest('one', 10n))!.header.height, 10n)
      assert.equal(await store.newest('one', 8n), undefined)
    }))

  test(`${name}: chains do not see each other, and clear forgets just one`, () =>
    withStore(async store => {
      await store.put('one', blockAt(1n))
      await store.put('two', blockAt(2n, 'two'))
      assert.equal((await store.newest('one'))!.header.height, 1n)
      assert.equal((await store.newest('two'))!.header.height, 2n)
      await store.clear('one')
      assert.equal(await store.newest('one'), undefined)
      assert.equal((await store.newest('two'))!.header.height, 2n)
    }))

  test(`${name}: at most ${storedLightBlocksMax} blocks of a chain are kept: the first, and the newest`, () =>
    withStore(async store => {
      const count = BigInt(storedLightBlocksMax) + 3n
      for (let height = 1n; height <= count; height++) await store.put('one', blockAt(height))
      assert.ok(await store.get('one', 1n))
      for (const gone of [2n, 3n, 4n]) assert.equal(await store.get('one', gone), undefined)
      assert.ok(await store.get('one', 5n))
      assert.equal((await store.newest('one'))!.header.height, count)
    }))

  test(`${name}: evidence is kept under its id, bounded, and outlives the blocks`, () =>
    withStore(async store => {
      const evidenceOf = (index: number): StoredEvidence => {
        const evidence = {
          type: 'light-client-attack',
          conflictingBlock: blockAt(BigInt(index + 1)),
          commonHeight: 1n,
          byzantineValidators: template!.validatorSet.validators,
          totalVotingPower: 1n,
          timestamp: template!.header.time,
        } as const
        return { id: formatHex(evidenceId(evidence, crypto)), evidence, foundAt: template!.header.time, takenBy: [] }
      }
      assert.deepEqual(await store.evidence('one'), [])
      await store.putEvidence('one', evidenceOf(1))
      await store.putEvidence('one', { ...evidenceOf(1), takenBy: ['a node', 'another'] })
      await store.clear('one')
      assert.deepEqual(await store.evidence('one'), [{ ...evidenceOf(1), takenBy: ['a node', 'another'] }])
      assert.deepEqual(await store.evidence('two'), [])
      for (let index = 2; index < storedEvidenceMax + 5; index++) await store.putEvidence('one', evidenceOf(index))
      assert.equal((await store.evidence('one')).length, storedEvidenceMax)
    }))

  test(`${name}: of checkpoints the last one that was put is kept`, () =>
    withStore(async store => {
      assert.equal(await store.checkpoint('one'), undefined)
      await store.putCheckpoint('one', new Uint8Array([1]))
      await store.putCheckpoint('one', new Uint8Array([2]))
      assert.deepEqual(await store.checkpoint('one'), new Uint8Array([2]))
      assert.equal(await store.checkpoint('two'), undefined)
    }))
}

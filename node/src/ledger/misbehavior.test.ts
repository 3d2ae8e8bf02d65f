import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits, type Misbehavior, misbehaviorEntry, misbehaviorKey, parseTime } from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { createKernel } from './apply.ts'

const time = parseTime('2026-11-01T00:00:00Z')
const block = { chainId: 'test', genesisHash: new Uint8Array(32), height: 9n, time }

test('what validators did is counted for ever, and the newest of it told', () => {
  const kernel = createKernel(nodeHasher)
  const key = misbehaviorKey(nodeHasher)
  const did = (height: bigint): Misbehavior => {
    const address = new Uint8Array(20).fill(Number(height))
    return { type: 'light-client-attack', address, power: 10n, height, time, totalVotingPower: 12n }
  }
  assert.deepEqual(kernel.misbehave({ get: () => undefined }, [], block), [])
  let value: Uint8Array | undefined
  for (let height = 1n; height <= 10n; height++) {
    const [write, ...others] = kernel.misbehave({ get: () => value }, [did(2n * height - 1n), did(2n * height)], {
      ...block,
      height: height + 100n,
    })
    assert.deepEqual([write!.key, others], [key, []])
    value = write!.value
  }
  const { count, newest } = misbehaviorEntry.decode(value!)
  assert.equal(count, 20n)
  assert.deepEqual(
    newest.map(({ height }) => height),
    Array.from({ length: limits.misbehaviorsMax }, (_, i) => BigInt(i + 5)),
  )
  assert.deepEqual(newest.at(-1), { ...did(20n), type: 2, recordedHeight: 110n })
})

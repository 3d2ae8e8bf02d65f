// What the bench of the crypto engine promises: real votes that nobody has seen before, contenders that really check,
// figures of the call that counts, and a table that does not flatter.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { type CryptoRow, tableOf } from '../bench/crypto/bars.ts'
import { alternate, type Contender, checkVerdicts, expectGood, type SignatureCall } from '../bench/crypto/contender.ts'
import { createSigner } from '../bench/crypto/signing.ts'
import { compareTimes } from '../bench/crypto/statistics.ts'
import { callsOf, type SignatureWorkload, signatureWorkloads } from '../bench/crypto/workloads.ts'
import { formatHex } from '../sdk/src/bytes.ts'
import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'

const signer = createSigner()
after(() => signer.close())

function workloadOf(name: string): SignatureWorkload {
  return signatureWorkloads.find(workload => workload.name === name)!
}

function setOf(items: readonly SignedMessage[], part: keyof SignedMessage): Set<string> {
  return new Set(items.map(item => formatHex(item[part])))
}

/** Looks at each signature of the kind of work that it is meant for. */
function honest(part: keyof SignatureCall): Contender<SignatureCall> {
  return {
    name: `honest, ${part}`,
    run: async call => {
      for (const { publicKey, message, signature } of call[part]) {
        expectGood(ed25519.verify(signature, message, publicKey))
      }
      return 1
    },
  }
}

test('what is signed are votes of 122 bytes, no two the same, in no two alternations', async () => {
  const workload = workloadOf('commit-150-cached')
  const [first, second] = [await signer.sign(workload, 2), await signer.sign(workload, 2)]
  const all = [...first.items, ...second.items]
  assert.equal(all.length, 2 * 2 * 150)
  assert.ok(all.every(({ message }) => message.length === 122))
  assert.equal(setOf(all, 'message').size, all.length)
  assert.equal(setOf(all, 'publicKey').size, 150)
  for (const { publicKey, message, signature } of all.slice(0, 20)) {
    assert.ok(ed25519.verify(signature, message, publicKey))
  }
})

for (const name of ['commit-150-new', 'single-new']) {
  test(`no batch of ${name} has a key that was in another batch, in the sample or in another alternation`, async () => {
    const workload = workloadOf(name)
    const [first, second] = [await signer.sign(workload), await signer.sign(workload)]
    const calls = callsOf(workload, first.items)
    assert.equal(calls.length, 3)
    const used = [...calls.flatMap(({ batch }) => batch), ...calls[0]!.singles]
    assert.equal(setOf(used, 'publicKey').size, used.length)
    assert.equal(setOf([...used, ...second.items], 'publicKey').size, used.length + second.items.length)
  })
}

test('batches and samples have the sizes that the bars name', async () => {
  const items = Array.from({ length: 100_000 }, () => ({}) as SignedMessage)
  const sizes = signatureWorkloads.map(workload => {
    const { headers, validators } = workload
    const [{ batch, singles }] = callsOf(workload, items.slice(0, headers * validators)) as [SignatureCall]
    return [workload.name, batch.length, singles.length]
  })
  assert.deepEqual(sizes, [
    ['chain-1000x100', 100_000, 2_000],
    ['commit-150-cached', 150, 2_000],
    ['commit-150-new', 150, 2_000],
    ['single-cached', 2_000, 2_000],
    ['single-new', 200, 2_000],
  ])
})

test('each contender is called three times in a row, prepared each time, and its last call counts', async () => {
  const seen: string[] = []
  const contender = (name: string): Contender<number> => ({
    name,
    prepare: call => void seen.push(`${name} prepares ${call}`),
    run: async call => {
      seen.push(`${name} runs ${call}`)
      return call
    },
  })
  assert.deepEqual(await alternate([contender('a'), contender('b')], [7, 8, 9]), { a: 9, b: 9 })
  const row = (name: string): string[] =>
    [7, 8, 9].flatMap(call => [`${name} prepares ${call}`, `${name} runs ${call}`])
  assert.deepEqual(seen, [...row('a'), ...row('b')])
})

test('a contender that calls all signatures good, or fails at the bad one for another reason, is not measured', async () => {
  const { items } = await signer.sign(workloadOf('commit-150-cached'), 1)
  const call = { batch: items, singles: items }
  await checkVerdicts(honest('batch'), call)
  await checkVerdicts(honest('singles'), call)
  await assert.rejects(checkVerdicts({ name: 'blind', run: async () => 1 }, call), /blind does not notice/)
  let calls = 0
  const broken = async (): Promise<number> => {
    if (++calls === 2) throw new TypeError('out of memory')
    return 1
  }
  await assert.rejects(checkVerdicts({ name: 'broken', run: broken }, call), /broken does not notice/)
})

test('a ratio is of the medians, and its spread that of the middle half of the alternations', () => {
  assert.deepEqual(compareTimes([6, 6, 6, 6, 6], [2, 2, 2, 2, 2]), { ratio: 3, spread: 0 })
  // One alternation that the machine disturbed changes neither.
  assert.deepEqual(compareTimes([6, 6, 600, 6, 6], [2, 2, 2, 2, 2]), { ratio: 3, spread: 0 })
  // Ratios 1, 2, 3, 4, 5: the middle half reaches from 2 to 4.
  assert.deepEqual(compareTimes([5, 3, 1, 2, 4], [1, 1, 1, 1, 1]), { ratio: 3, spread: 2 / 3 })
  assert.deepEqual(compareTimes([1, 3], [1, 1]), { ratio: 2, spread: 0.5 })
  assert.throws(() => compareTimes([1, 2], [1]))
  assert.throws(() => compareTimes([], []))
})

test('the table says of each row whether it reaches aim or must, and where others are faster', () => {
  const row = (workload: string, contender: string, ratio: number): CryptoRow => {
    return { workload, contender, runtime: 'node', ratio, spread: 0 }
  }
  const rows = [
    row('chain-1000x100', 'node-crypto', 30),
    // 0.4 and 0.5 of what was measured with relaxed operations: 12 and 15.
    row('chain-1000x100-simd', 'node-crypto', 12.5),
    row('chain-1000x100', 'voi-go', 2),
    row('chain-1000x100-simd', 'voi-go', 0.79),
    row('single-new', 'voi-go', 0.7),
    row('wasm-brotli-hash', 'bytes', 6_000),
    row('wasm-brotli-ed25519', 'bytes', 12_001),
  ]
  assert.deepEqual(
    tableOf(rows).map(({ must, aim, verdict }) => [must, aim, verdict]),
    [
      [20, 28, 'aim'],
      [12, 15, 'must'],
      [1.8, 2.6, 'must'],
      [0.8, 1, 'MISSED, they are faster'],
      ['', '', 'no bar, they are faster'],
      [8_000, 6_000, 'aim'],
      [12_000, 9_000, 'MISSED'],
    ],
  )
})

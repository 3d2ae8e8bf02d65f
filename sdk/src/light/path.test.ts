import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createSignedChain, type Member } from '../../../test/signed-chain.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { loadCrypto } from '../crypto/load.ts'
import { planLightPath } from './path.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

/** Nine validators, of which one is replaced every six heights: a step goes over 36 heights at most. */
const membersAt = (height: number): readonly Member[] =>
  Array.from({ length: 9 }, (_, i) => ({ name: `member ${i + Math.floor(height / 6)}`, power: 10n }))
const { blocks } = createSignedChain({ heights: 120, membersAt }, crypto)
const trustLevel = { numerator: 1n, denominator: 3n }
const at = (height: bigint): LightBlock | undefined => blocks[Number(height) - 1]

test('each step of a path goes as far as the trust level lets it', () => {
  assert.deepEqual(planLightPath({ from: 1n, to: 35n, trustLevel }, at), [])
  assert.deepEqual(planLightPath({ from: 1n, to: 36n, trustLevel }, at), [35n])
  assert.deepEqual(planLightPath({ from: 1n, to: 120n, trustLevel }, at), [35n, 65n, 95n])
  const twoThirds = { numerator: 2n, denominator: 3n }
  assert.deepEqual(planLightPath({ from: 1n, to: 40n, trustLevel: twoThirds }, at), [17n, 29n])
})

test('where blocks are missing the path ends before them', () => {
  assert.deepEqual(planLightPath({ from: 500n, to: 900n, trustLevel }, at), [])
  assert.deepEqual(planLightPath({ from: 119n, to: 121n, trustLevel }, at), [120n])
})

test('a question about far heights costs a bounded number of looks', () => {
  let looks = 0
  const path = planLightPath({ from: 1n, to: 2n ** 60n, trustLevel }, height => {
    looks++
    return blocks[Number(height % 120n)]
  })
  assert.ok(path.length <= 256 && looks < 2_000, `${looks} looks`)
})

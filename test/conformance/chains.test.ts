// Every light block of two public chains: Celestia's mainnet and its test network mocha-4, up to 100 validators.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { headerHash } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { lightBlock } from '../../sdk/src/comet/light-block.ts'
import {
  formatHeader,
  formatSignedHeader,
  parseHeader,
  parseSignedHeader,
  parseValidator,
} from '../../sdk/src/comet/rpc-json.ts'
import { validateLightBlock } from '../../sdk/src/comet/validate.ts'
import { sortedValidatorSet } from '../../sdk/src/comet/validator-set.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { twoThirds } from '../../sdk/src/light/commit.ts'
import { verifyLightBlock, verifyNamed } from '../../sdk/src/light/verify.ts'
import { addSeconds, nanosPerSecond } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'
import { listVectors, readVector, vectorsSkip } from '../vectors.ts'

const skip = vectorsSkip
const crypto = await loadCrypto()
after(() => crypto.close())

type Named = { readonly name: string; readonly block: LightBlock }

/** Light blocks from commit and validator answers, and from Celestia's signed_block, which carries both. */
function lightBlocksOf(folder: string): readonly Named[] {
  const files = listVectors(`chains/${folder}`)
  const blocks: Named[] = []
  for (const file of files) {
    const { result } = readVector(`chains/${folder}/${file}`)
    const height = file.split('_')[0]
    if (file.endsWith('_commit.json') && files.includes(`${height}_validators_1.json`)) {
      const { validators } = readVector(`chains/${folder}/${height}_validators_1.json`).result
      const validatorSet = sortedValidatorSet(validators.map(parseValidator))
      blocks.push({ name: file, block: { ...parseSignedHeader(result.signed_header), validatorSet } })
    }
    if (file.endsWith('_signed_block.json')) {
      const validatorSet = sortedValidatorSet(result.validator_set.validators.map(parseValidator))
      blocks.push({ name: file, block: { ...parseSignedHeader(result), validatorSet } })
    }
  }
  return blocks
}

for (const [folder, chainId, count] of [
  ['celestia', 'celestia', 1],
  ['mocha-4', 'mocha-4', 24],
] as const) {
  test(`every light block of ${folder} is whole and signed by more than two thirds, ${count} blocks`, {
    skip,
  }, async () => {
    const blocks = lightBlocksOf(folder)
    assert.equal(blocks.length, count)
    for (const { name, block } of blocks) {
      validateLightBlock(block, chainId, crypto)
      assert.deepEqual(lightBlock.decode(lightBlock.encode(block)), block, name)
      const answer = await verifyNamed(
        { chainId, untrusted: block, headerHash: headerHash(block.header, crypto) },
        crypto,
      )
      assert.equal(answer.kind, 'verified', name)
    }
  })

  test(`headers of ${folder} are written as they were read`, { skip }, () => {
    const files = listVectors(`chains/${folder}`).filter(file => file.endsWith('_header.json'))
    for (const file of files) {
      const { header } = readVector(`chains/${folder}/${file}`).result
      assert.deepEqual(formatHeader(parseHeader(header)), header, file)
    }
    const commits = listVectors(`chains/${folder}`).filter(file => file.endsWith('_commit.json'))
    for (const file of commits) {
      const { signed_header } = readVector(`chains/${folder}/${file}`).result
      assert.deepEqual(formatSignedHeader(parseSignedHeader(signed_header)), signed_header, file)
    }
    assert.equal(files.length, folder === 'celestia' ? 2 : 8)
    assert.equal(commits.length, folder === 'celestia' ? 1 : 8)
  })
}

test('two different valid commits of one block are both accepted, at two heights of mocha-4', { skip }, async () => {
  const blocks = lightBlocksOf('mocha-4')
  for (const height of [10_501n, 157_001n]) {
    const [left, right] = blocks.filter(({ block }) => block.header.height === height)
    assert.deepEqual(left!.block.commit.blockId.hash, right!.block.commit.blockId.hash)
    assert.notDeepEqual(left!.block.commit.signatures, right!.block.commit.signatures)
  }
})

test('each block of mocha-4 is verified from each earlier one, or honestly needs a step between', {
  skip,
}, async () => {
  const blocks = lightBlocksOf('mocha-4').map(({ block }) => block)
  const counts = { verified: 0, 'not-enough-trust': 0, expired: 0, invalid: 0 }
  for (const trusted of blocks) {
    for (const untrusted of blocks.filter(({ header }) => header.height > trusted.header.height)) {
      const answer = await verifyLightBlock({
        trusted: trusted as Trusted<LightBlock>,
        untrusted,
        trustLevel: twoThirds,
        trustingPeriodNs: 3_650n * 86_400n * nanosPerSecond,
        now: addSeconds(untrusted.header.time, 5),
        maxClockDriftNs: 10n * nanosPerSecond,
        crypto,
      })
      counts[answer.kind]++
    }
  }
  assert.equal(counts.invalid, 0)
  assert.ok(counts.verified > 0 && counts['not-enough-trust'] > 0)
})

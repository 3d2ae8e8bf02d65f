// Model-based verdicts (tendermint-rs and CometBFT) and a real four-validator chain.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Header, headerHash } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { parseSignedHeader, parseValidator } from '../../sdk/src/comet/rpc-json.ts'
import { sortedValidatorSet, type ValidatorSet } from '../../sdk/src/comet/validator-set.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { createChain } from '../../sdk/src/light/chain.ts'
import { checkpoint, checkpointSignBytes } from '../../sdk/src/light/checkpoint.ts'
import { twoThirds } from '../../sdk/src/light/commit.ts'
import type { TrustRoot } from '../../sdk/src/light/trust-root.ts'
import { verifyBackwards, verifyLightBlock } from '../../sdk/src/light/verify.ts'
import { createRpcProvider } from '../../sdk/src/rpc/provider.ts'
import type { Fetch } from '../../sdk/src/rpc/transport.ts'
import { createMemoryStore } from '../../sdk/src/storage/memory.ts'
import { addSeconds, nanosPerSecond, parseTime } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'
import { publicKeyOf, signAs } from '../signed-chain.ts'
import { listVectors, readVector, vectorsSkip } from '../vectors.ts'

const skip = vectorsSkip
const crypto = await loadCrypto()
after(() => crypto.close())
const oneThird = { numerator: 1n, denominator: 3n }

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

function setOf(json: Json): ValidatorSet {
  return sortedValidatorSet((json.validators ?? []).map(parseValidator))
}

/** The model's generator stamps absent votes with the Unix epoch, where CometBFT has its zero time. */
function signedHeaderOf(json: Json): ReturnType<typeof parseSignedHeader> {
  for (const signature of json.commit.signatures ?? []) {
    if (signature.block_id_flag === 1) signature.timestamp = '0001-01-01T00:00:00Z'
  }
  return parseSignedHeader(json)
}

async function runModel(file: string): Promise<{ readonly steps: number; readonly verdicts: readonly string[] }> {
  const { initial, input } = readVector(file)
  // The model's trusted validators are those of the next height.
  let trusted = {
    ...signedHeaderOf(initial.signed_header),
    validatorSet: setOf(initial.next_validator_set),
  } as Trusted<LightBlock>
  const verdicts: string[] = []
  for (const { block, now, verdict } of input) {
    const untrusted = { ...signedHeaderOf(block.signed_header), validatorSet: setOf(block.validator_set) }
    const answer = await verifyLightBlock({
      trusted,
      untrusted,
      trustLevel: oneThird,
      trustingPeriodNs: BigInt(initial.trusting_period),
      now: parseTime(now),
      maxClockDriftNs: nanosPerSecond,
      crypto,
    })
    const expected = { SUCCESS: 'verified', NOT_ENOUGH_TRUST: 'not-enough-trust', INVALID: 'invalid' }[
      verdict as string
    ]
    // To CometBFT an expired trusted block is an invalid step.
    const kind = answer.kind === 'expired' ? 'invalid' : answer.kind
    assert.equal(kind, expected, `${file}: ${'error' in answer ? answer.error.message : ''}`)
    verdicts.push(kind)
    if (answer.kind === 'verified') {
      trusted = { ...untrusted, validatorSet: setOf(block.next_validator_set) } as Trusted<LightBlock>
    }
  }
  return { steps: verdicts.length, verdicts }
}

for (const [folder, filesExpected, stepsExpected] of [
  ['single-step', 41, 99],
  ['go-model-based', 9, 30],
] as const) {
  test(`every model-based verdict of ${folder} is ours, ${stepsExpected} steps`, { skip }, async () => {
    const files = listVectors(`light-client/${folder}`)
    assert.equal(files.length, filesExpected)
    const runs = []
    for (const file of files) runs.push(await runModel(`light-client/${folder}/${file}`))
    assert.equal(
      runs.reduce((sum, run) => sum + run.steps, 0),
      stepsExpected,
    )
  })
}

function realChain(): readonly LightBlock[] {
  const { heights } = readVector('comet/four-validators.json')
  return Object.keys(heights)
    .map(Number)
    .sort((a, b) => a - b)
    .map(height => ({
      ...parseSignedHeader(heights[height].commit.signed_header),
      validatorSet: setOf(heights[height].validators),
    }))
}

function stepOf(
  trusted: LightBlock,
  untrusted: LightBlock,
  trustLevel = twoThirds,
): Parameters<typeof verifyLightBlock>[0] {
  return {
    trusted: trusted as Trusted<LightBlock>,
    untrusted,
    trustLevel,
    trustingPeriodNs: 3_600n * nanosPerSecond,
    now: addSeconds(untrusted.header.time, 5),
    maxClockDriftNs: 10n * nanosPerSecond,
    crypto,
  }
}

test('a real chain of 59 heights verifies one by one, forwards and backwards', { skip }, async () => {
  const blocks = realChain()
  assert.equal(blocks.length, 59)
  for (let i = 1; i < blocks.length; i++) {
    const answer = await verifyLightBlock(stepOf(blocks[i - 1]!, blocks[i]!))
    assert.equal(answer.kind, 'verified')
    const back = verifyBackwards(
      { trusted: blocks[i]!.header as Trusted<Header>, untrusted: blocks[i - 1]!.header },
      crypto,
    )
    assert.equal(back.kind, 'verified')
  }
})

test('a real chain verifies by skipping, with five changes of the validators on the way', { skip }, async () => {
  const blocks = realChain()
  const changes = blocks.filter(
    ({ header }) => header.validatorsHash.toString() !== header.nextValidatorsHash.toString(),
  ).length
  assert.equal(changes, 5)
  for (const level of [oneThird, twoThirds]) {
    const counts = { verified: 0, 'not-enough-trust': 0, expired: 0, invalid: 0 }
    for (const [from, trusted] of blocks.entries()) {
      for (const untrusted of blocks.slice(from + 1)) {
        counts[(await verifyLightBlock(stepOf(trusted, untrusted, level))).kind]++
      }
    }
    // Honest blocks are never invalid, whatever the distance; what a change of the set costs is another step.
    assert.equal(counts.invalid, 0)
    assert.ok(counts['not-enough-trust'] > 0)
    assert.equal(counts.verified + counts['not-enough-trust'], (59 * 58) / 2)
  }
})

/** The real chain behind the RPC that it was recorded from. */
function recordedRpc(): { readonly fetch: Fetch; readonly asked: string[] } {
  const { heights } = readVector('comet/four-validators.json')
  const asked: string[] = []
  const fetch: Fetch = async (_, init) => {
    const { method, params } = JSON.parse(String(init.body))
    asked.push(`${method} ${params.height ?? 'latest'}`)
    return Response.json({ result: heights[params.height ?? 59][method] })
  }
  return { fetch, asked }
}

for (const mode of ['skipping', 'sequential'] as const) {
  test(`a light client follows the real chain over its RPC, ${mode}`, { skip }, async () => {
    const [first] = realChain()
    const { header } = first!
    const keys = ['court', 'archive'].map(name => publicKeyOf(name, crypto))
    const root: TrustRoot = {
      chainId: header.chainId,
      genesisHash: new Uint8Array(32),
      checkpointKeys: { k: 2, keys },
      witnesses: { k: 0, keys: [] },
      trustLevel: twoThirds,
      trustingPeriodSeconds: 3_600,
    }
    const encoded = checkpoint.encode({
      genesisHash: root.genesisHash,
      chainId: root.chainId,
      height: 1n,
      headerHash: headerHash(header, crypto),
      nextValidatorsHash: header.nextValidatorsHash,
      historySize: 1n,
      historyRoot: new Uint8Array(32),
      sequence: 1n,
      issuedAt: header.time,
      expiresAt: addSeconds(header.time, 600),
      compromisedKeys: [],
    })
    const signatures = ['court', 'archive'].map((name, i) => ({
      key: keys[i]!,
      signature: signAs(name, checkpointSignBytes(encoded), crypto),
    }))
    const { fetch, asked } = recordedRpc()
    const client = createChain({
      root,
      checkpoint: { checkpoint: encoded, signatures },
      providers: [createRpcProvider('http://node.example:26657', { fetch })],
      store: createMemoryStore(),
      crypto,
      now: () => addSeconds(header.time, 60),
      mode,
    })
    assert.equal((await client.newest()).block.header.height, 59n)
    assert.equal((await client.trustedAt(30n)).block.header.height, 30n)
    const commits = asked.filter(question => question.startsWith('commit')).length
    if (mode === 'skipping') assert.ok(commits < 20, String(commits))
    else assert.ok(commits >= 59)
  })
}

// A real CometBFT v0.40.0 node takes our evidence by broadcast_evidence, answers our hash of it, and puts it into a block
// that we read. Its validator lies because we hold its key.

import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { empty, encodeUtf8, equals, formatBase64, formatHex } from '../../sdk/src/bytes.ts'
import { noBlockId } from '../../sdk/src/comet/block-id.ts'
import { formatEvidence, parseBlock } from '../../sdk/src/comet/block-json.ts'
import { SignedMessageType, voteSignBytes } from '../../sdk/src/comet/commit.ts'
import { type Evidence, evidenceHash, evidenceId, type SignedVote } from '../../sdk/src/comet/evidence.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import {
  sortedValidatorSet,
  totalVotingPower,
  type Validator,
  validatorAddress,
} from '../../sdk/src/comet/validator-set.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { attackEvidence } from '../../sdk/src/light/attack.ts'
import { verifyLightBlock } from '../../sdk/src/light/verify.ts'
import { addSeconds, nanosPerSecond } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'
import { forgedBlock, type SignVote } from '../divergence.ts'
import { type CometNode, startCometNode } from './cometbft.ts'
import { goSkip } from './go.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

type Key = { readonly publicKey: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array }

function keyOf(seed: Uint8Array): Key {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(12)),
    sign: message => new Uint8Array(sign(null, message, privateKey)),
  }
}

/** Validators of the genesis file that never sign a true block: the node's own power is enough. */
const sleepers = ['first', 'second', 'third'].map(name => keyOf(crypto.sha256(encodeUtf8(`sleeper ${name}`))))
const stranger = keyOf(crypto.sha256(encodeUtf8('a stranger')))

function memberOf({ publicKey }: Key, votingPower: bigint): Validator {
  const key = { type: 'ed25519', bytes: publicKey } as const
  return { address: validatorAddress(key, crypto), publicKey: key, votingPower, proposerPriority: 0n }
}

describe('CometBFT v0.40.0, live', { skip: goSkip, timeout: 300_000 }, () => {
  let node: CometNode
  let own: Key
  let common: LightBlock
  let trusted: LightBlock

  before(async () => {
    node = await startCometNode({ genesis: withSleepers })
    const file = JSON.parse(readFileSync(join(node.home, 'config', 'priv_validator_key.json'), 'utf8'))
    own = keyOf(Buffer.from(file.priv_key.value, 'base64').subarray(0, 32))
    await node.reached(9n)
    common = await node.lightBlock(3n)
    trusted = await node.lightBlock(7n)
  })
  after(() => node?.stop())

  const by =
    (...keys: readonly Key[]): SignVote =>
    (publicKey, message) =>
      keys.find(key => equals(key.publicKey, publicKey))?.sign(message)

  /** Reports the evidence, and finds it in a block of the next minute. */
  async function reportAndFind(evidence: Evidence): Promise<void> {
    const from = await node.reached(0n)
    const { hash } = await node.call('broadcast_evidence', { evidence: formatEvidence(evidence) })
    assert.equal(hash, formatBase64(evidenceId(evidence, crypto)))
    for (let height = from; height <= from + 100n; height++) {
      await node.reached(height)
      const block = parseBlock((await node.call('block', { height: String(height) })).block)
      assert.deepEqual(evidenceHash(block.evidence, crypto), block.header.evidenceHash)
      const found = block.evidence.find(each => equals(evidenceId(each, crypto), evidenceId(evidence, crypto)))
      if (found === undefined) continue
      assert.deepEqual(found, evidence)
      return
    }
    assert.fail('no block has the evidence')
  }

  async function assertDeceives(conflicting: LightBlock): Promise<void> {
    const answer = await verifyLightBlock({
      trusted: common as Trusted<LightBlock>,
      untrusted: conflicting,
      now: addSeconds(trusted.header.time, 60),
      trustingPeriodNs: 3_600n * nanosPerSecond,
      maxClockDriftNs: nanosPerSecond,
      trustLevel: { numerator: 1n, denominator: 3n },
      crypto,
    })
    assert.equal(answer.kind, 'verified', 'a light client alone would believe it')
  }

  test('takes evidence of a lunatic header', async () => {
    const header = { appHash: new Uint8Array(32).fill(1) }
    const conflicting = forgedBlock(trusted, { header, sign: by(own, ...sleepers) }, crypto)
    await assertDeceives(conflicting)
    const { kind, evidence } = attackEvidence({ common, trusted, conflicting })
    assert.equal(kind, 'lunatic')
    assert.deepEqual(
      evidence.byzantineValidators.map(({ votingPower }) => votingPower),
      [10n, 1n, 1n, 1n],
    )
    await reportAndFind(evidence)
  })

  test('takes evidence of a lunatic header with validators that nobody elected', async () => {
    const validatorSet = sortedValidatorSet([memberOf(own, 10n), memberOf(stranger, 15n)])
    const conflicting = forgedBlock(trusted, { validatorSet, sign: by(own, stranger) }, crypto)
    await assertDeceives(conflicting)
    const { kind, evidence } = attackEvidence({ common, trusted, conflicting })
    assert.equal(kind, 'lunatic')
    assert.equal(evidence.byzantineValidators.length, 1)
    await reportAndFind(evidence)
  })

  test('takes evidence of a block signed beside the true one', async () => {
    const header = { dataHash: new Uint8Array(32).fill(2) }
    const { round } = trusted.commit
    const conflicting = forgedBlock(trusted, { header, round, sign: by(own, ...sleepers) }, crypto)
    await assertDeceives(conflicting)
    const { kind, evidence } = attackEvidence({ common, trusted, conflicting })
    assert.equal(kind, 'equivocation')
    assert.equal(evidence.byzantineValidators.length, 1, 'the others were absent from the true one')
    await reportAndFind(evidence)
  })

  test('takes what a shortened commit proves, and then says of the whole one that it has it', async () => {
    const header = { lastResultsHash: new Uint8Array(32).fill(3) }
    const whole = forgedBlock(trusted, { header, sign: by(own, ...sleepers) }, crypto)
    const short = forgedBlock(trusted, { header, sign: by(own) }, crypto)
    const [first, second] = [short, whole].map(conflicting => attackEvidence({ common, trusted, conflicting }).evidence)
    await reportAndFind(first!)
    const { hash } = await node.call('broadcast_evidence', { evidence: formatEvidence(second!) })
    assert.equal(hash, formatBase64(evidenceId(first!, crypto)))
  })

  test('takes evidence of two votes in one round', async () => {
    const votes = [trusted.commit.blockId, noBlockId].map((blockId): SignedVote => {
      const signed = { type: SignedMessageType.prevote, height: 7n, round: 4, blockId, timestamp: common.header.time }
      return {
        ...signed,
        validatorAddress: memberOf(own, 10n).address,
        validatorIndex: 0,
        signature: own.sign(voteSignBytes({ ...signed, chainId: node.chainId })),
        extension: empty,
        extensionSignature: empty,
      }
    })
    await reportAndFind({
      type: 'duplicate-vote',
      voteA: votes[1]!,
      voteB: votes[0]!,
      totalVotingPower: totalVotingPower(trusted.validatorSet),
      validatorPower: 10n,
      timestamp: trusted.header.time,
    })
  })

  test('refuses evidence against a validator that did not sign', async () => {
    const header = { appHash: new Uint8Array(32).fill(4) }
    const conflicting = forgedBlock(trusted, { header, sign: by(own) }, crypto)
    const { evidence } = attackEvidence({ common, trusted, conflicting })
    const accused = [...evidence.byzantineValidators, common.validatorSet.validators[1]!]
    const forged = formatEvidence({ ...evidence, byzantineValidators: accused })
    await assert.rejects(node.call('broadcast_evidence', { evidence: forged }), /expected 1 byzantine validators/)
  })

  test('stops making blocks when it is told of amnesia, which is why such evidence is not reportable', async () => {
    const header = { dataHash: new Uint8Array(32).fill(5) }
    const round = trusted.commit.round + 1
    const conflicting = forgedBlock(trusted, { header, round, sign: by(own) }, crypto)
    const { kind, evidence, reportable } = attackEvidence({ common, trusted, conflicting })
    assert.equal(kind, 'amnesia')
    assert.equal(reportable, false)
    await node.call('broadcast_evidence', { evidence: formatEvidence(evidence) })
    await new Promise(resolve => setTimeout(resolve, 1_000))
    const stopped = await node.reached(0n)
    await new Promise(resolve => setTimeout(resolve, 2_000))
    assert.equal(await node.reached(0n), stopped)
  })
})

// biome-ignore lint/suspicious/noExplicitAny: a genesis file.
function withSleepers(genesis: any): unknown {
  const validators = sleepers.map(key => ({
    address: formatHex(memberOf(key, 1n).address).toUpperCase(),
    pub_key: { type: 'tendermint/PubKeyEd25519', value: formatBase64(key.publicKey) },
    power: '1',
    name: '',
  }))
  return { ...genesis, validators: [...genesis.validators, ...validators] }
}

// What tests of evidence say of a chain, true and false.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import {
  attackEvidence,
  type DuplicateVoteEvidence,
  encodeUtf8,
  equals,
  type LightBlock,
  type LightClientAttackEvidence,
  loadCrypto,
  noBlockId,
  SignedMessageType,
  type SignedVote,
  sortedValidatorSet,
  totalVotingPower,
  type ValidatorSet,
  VerifyError,
  voteSignBytes,
} from '@muniment/sdk'
import { forgedBlock, type SignVote } from '../../../test/divergence.ts'
import { startTestChain, testGenesis, testKey } from '../../../test/test-chain.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import type { Engine } from './engine.ts'

export const crypto = await loadCrypto()
after(() => crypto.close())

export const signer = testKey('one')
const bySigner: SignVote = (publicKey, message) =>
  equals(publicKey, signer.publicKey.bytes) ? signer.sign(message) : undefined

export function fork(block: LightBlock, fill = 1, given: Partial<Parameters<typeof forgedBlock>[1]> = {}): LightBlock {
  const header = { appHash: new Uint8Array(32).fill(fill) }
  return forgedBlock(block, { header, sign: bySigner, ...given }, crypto)
}

/** A header that could follow, of another content, signed in the same round. */
export const twin = (block: LightBlock, fill = 1): LightBlock =>
  fork(block, 0, { header: { dataHash: new Uint8Array(32).fill(fill) } })

/** The signer with all the power that counts, and many others. */
export function longSet({ validatorSet }: LightBlock, count: number): ValidatorSet {
  const strangers = Array.from({ length: count }, (_, index) => {
    const { address, publicKey } = testKey(`stranger ${index}`)
    return { address, publicKey, votingPower: 1n, proposerPriority: 0n }
  })
  return sortedValidatorSet([{ ...validatorSet.validators[0]!, votingPower: 10_000n }, ...strangers])
}

export function attackAt(engine: Engine, height: bigint, conflicting?: LightBlock): LightClientAttackEvidence {
  const [common, trusted] = [engine.chain.lightBlock(height - 1n)!, engine.chain.lightBlock(height)!]
  return attackEvidence({ common, trusted, conflicting: conflicting ?? fork(trusted) }).evidence
}

function voteBy(name: string, engine: Engine, given: Partial<SignedVote>): SignedVote {
  const key = testKey(name)
  const blank = { signature: new Uint8Array(0), extension: new Uint8Array(0), extensionSignature: new Uint8Array(0) }
  const vote: SignedVote = {
    type: SignedMessageType.precommit,
    height: 2n,
    round: 0,
    blockId: noBlockId,
    timestamp: engine.newest().time,
    validatorAddress: key.address,
    validatorIndex: 0,
    ...blank,
    ...given,
  }
  return { ...vote, signature: key.sign(voteSignBytes({ ...vote, chainId: 'test-chain' })) }
}

export function twoVotes(engine: Engine, given: Partial<SignedVote> = {}, name = 'one'): DuplicateVoteEvidence {
  const block = engine.chain.lightBlock(given.height ?? 2n)!
  return {
    type: 'duplicate-vote',
    voteA: voteBy(name, engine, given),
    voteB: voteBy(name, engine, { ...given, blockId: block.commit.blockId }),
    totalVotingPower: totalVotingPower(block.validatorSet),
    validatorPower: 10n,
    timestamp: block.header.time,
  }
}

/** Resolves when the engine makes no more blocks by itself. */
export async function resting(engine: Engine): Promise<void> {
  let height = -1n
  while (height < engine.newest().height || engine.status().poolTransactions > 0) {
    height = engine.newest().height
    await new Promise(resolve => setTimeout(resolve, 60))
  }
}

/** A chain of a few blocks that makes no more unless it is given something; with `holds` not even then. */
export async function restingChain({ genesis = testGenesis(), holds = false } = {}) {
  const disk = newDisk()
  const options = { genesis, heartbeatMs: 600_000 }
  const first = await startTestChain(memoryDatabase(disk), options)
  for (const text of ['a=1', 'b=2']) {
    await first.engine.submit(encodeUtf8(text))
    await resting(first.engine)
  }
  if (!holds) return { ...first, disk, genesis }
  await first.engine.stop()
  const second = await startTestChain(memoryDatabase(disk), { ...options, blockIntervalMs: 600_000 })
  await second.engine.submit(encodeUtf8('full=1'))
  await resting(second.engine)
  return { ...second, disk, genesis }
}

export async function refusal(call: Promise<unknown>): Promise<VerifyError> {
  const error = await call.then(
    () => assert.fail('it was taken'),
    failure => failure,
  )
  assert.ok(error instanceof VerifyError, error?.stack)
  return error
}

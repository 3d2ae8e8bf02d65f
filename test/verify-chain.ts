// Checks a whole chain of ours from its genesis, block by block, by the SDK's rules: what a light client sees, and what
// only a full block shows (transactions, results, app hash).

import assert from 'node:assert/strict'
import { equals } from '../sdk/src/bytes.ts'
import { type Block, block as blockMessage, dataHash, partSetHeaderOf, resultsHash } from '../sdk/src/comet/block.ts'
import type { BlockId } from '../sdk/src/comet/block-id.ts'
import { sameBlockId } from '../sdk/src/comet/block-id.ts'
import { type Commit, commitHash, voteSignBytes } from '../sdk/src/comet/commit.ts'
import { evidenceHash } from '../sdk/src/comet/evidence.ts'
import { headerHash } from '../sdk/src/comet/header.ts'
import { validateLightBlock } from '../sdk/src/comet/validate.ts'
import { totalVotingPower, type ValidatorSet, validatorsHash } from '../sdk/src/comet/validator-set.ts'
import type { Crypto } from '../sdk/src/crypto/crypto.ts'
import { addNanos, compareTime } from '../sdk/src/time.ts'

export type FullBlock = {
  readonly block: Block
  readonly blockId: BlockId
  /** For this very block. */
  readonly commit: Commit
  readonly validators: ValidatorSet
  /** Results of its transactions. */
  readonly results: readonly { readonly code: number; readonly data: Uint8Array }[]
  /** After it. */
  readonly appHash: Uint8Array
}

/** `blocks` are those of the heights 1, 2, … without a gap. Throws an AssertionError at the first rule that is broken. */
export async function verifyChain(chainId: string, blocks: readonly FullBlock[], crypto: Crypto): Promise<void> {
  for (const [index, full] of blocks.entries()) {
    const { block, blockId, commit, validators } = full
    const { header } = block
    assert.equal(header.height, BigInt(index + 1))
    validateLightBlock({ header, commit, validatorSet: validators }, chainId, crypto)
    assert.ok(equals(headerHash(header, crypto), blockId.hash))
    assert.ok(sameBlockId(commit.blockId, blockId))
    assert.deepEqual(partSetHeaderOf(blockMessage.encode(block), crypto), blockId.partSetHeader)
    assert.deepEqual(dataHash(block.txs, crypto), header.dataHash)
    assert.deepEqual(evidenceHash(block.evidence, crypto), header.evidenceHash)
    assert.deepEqual(commitHash(block.lastCommit, crypto), header.lastCommitHash)
    await verifySignatures(chainId, full, crypto)
    const before = blocks[index - 1]
    if (before) assertFollows(before, full, crypto)
  }
}

function assertFollows(before: FullBlock, after: FullBlock, crypto: Crypto): void {
  const { header, lastCommit } = after.block
  assert.ok(sameBlockId(header.lastBlockId, before.blockId))
  assert.ok(compareTime(header.time, addNanos(before.block.header.time, 1_000_000n)) >= 0, 'time goes forward')
  assert.deepEqual(header.validatorsHash, before.block.header.nextValidatorsHash)
  assert.deepEqual(validatorsHash(after.validators, crypto), header.validatorsHash)
  assert.deepEqual(header.appHash, before.appHash)
  const results = before.results.map(({ code, data }) => ({ code, data, gasWanted: 0n, gasUsed: 0n }))
  assert.deepEqual(header.lastResultsHash, resultsHash(results, crypto))
  assert.deepEqual(lastCommit, before.commit)
}

async function verifySignatures(chainId: string, full: FullBlock, crypto: Crypto): Promise<void> {
  const { commit, validators } = full
  const votes = commit.signatures.flatMap((vote, i) => {
    if (vote.signature.length === 0) return []
    const member = validators.validators[i]!
    const message = voteSignBytes({ ...commit, chainId, timestamp: vote.timestamp })
    return [{ publicKey: member.publicKey.bytes, message, signature: vote.signature, power: member.votingPower }]
  })
  assert.deepEqual(await crypto.verifyEd25519(votes), [])
  const signed = votes.reduce((sum, vote) => sum + vote.power, 0n)
  assert.ok(signed * 3n > totalVotingPower(validators) * 2n, 'more than two thirds signed')
}

// Blocks that validators signed beside the true ones, for tests of evidence.

import { empty } from '../sdk/src/bytes.ts'
import { BlockIdFlag, type Commit, type CommitSignature, voteSignBytes } from '../sdk/src/comet/commit.ts'
import { type Header, headerHash } from '../sdk/src/comet/header.ts'
import type { LightBlock } from '../sdk/src/comet/light-block.ts'
import { type ValidatorSet, validatorsHash } from '../sdk/src/comet/validator-set.ts'
import type { Hasher } from '../sdk/src/crypto/crypto.ts'
import { addSeconds, zeroTime } from '../sdk/src/time.ts'

/** The signature of a validator of the set, or undefined where it does not sign. */
export type SignVote = (publicKey: Uint8Array, message: Uint8Array) => Uint8Array | undefined

export type Forgery = {
  readonly header?: Partial<Header>
  /** Another set than the true one. */
  readonly validatorSet?: ValidatorSet
  readonly round?: number
  readonly sign: SignVote
}

/** The block with another header, set or round, and the commit that goes with it. */
export function forgedBlock(block: LightBlock, forgery: Forgery, hasher: Hasher): LightBlock {
  const validatorSet = forgery.validatorSet ?? block.validatorSet
  const header = { ...block.header, validatorsHash: validatorsHash(validatorSet, hasher), ...forgery.header }
  return { header, validatorSet, commit: commitBy(header, validatorSet, forgery, hasher) }
}

function commitBy(header: Header, set: ValidatorSet, { round = 0, sign }: Forgery, hasher: Hasher): Commit {
  const { chainId, height } = header
  const hash = headerHash(header, hasher)
  const blockId = { hash, partSetHeader: { total: 1, hash: hasher.sha256(hash) } }
  const timestamp = addSeconds(header.time, 1)
  const message = voteSignBytes({ chainId, height, round, blockId, timestamp })
  const signatures = set.validators.map(({ address, publicKey }): CommitSignature => {
    const signature = sign(publicKey.bytes, message)
    return signature === undefined
      ? { blockIdFlag: BlockIdFlag.absent, validatorAddress: empty, timestamp: zeroTime, signature: empty }
      : { blockIdFlag: BlockIdFlag.commit, validatorAddress: address, timestamp, signature }
  })
  return { height, round, blockId, signatures }
}

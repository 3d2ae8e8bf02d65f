// CometBFT's ValidateBasic of a light block, in its order (types/light.go, block.go, validator_set.go): what must hold
// before any signature is worth checking. Stricter than CometBFT in two points: the set must stand in its hashed order,
// and an address may stand in it once, so that one key never counts twice.

import { encodeUtf8, equals, formatHex } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { chainIdLengthMax, signatureBytesMax, totalVotingPowerMax, validatorsMax } from '../limits.ts'
import { compareTime, zeroTime } from '../time.ts'
import { type BlockId, isNoBlockId } from './block-id.ts'
import { BlockIdFlag, type Commit, type CommitSignature } from './commit.ts'
import { blockProtocol, type Header, headerHash } from './header.ts'
import type { LightBlock, SignedHeader } from './light-block.ts'
import { addressName, checkProposer, isOwnAddress } from './members.ts'
import { checkTimestamp } from './timestamp-bytes.ts'
import { compareValidators, totalVotingPower, type ValidatorSet, validatorsHash } from './validator-set.ts'

/** Throws VerifyError where the block is not consistent in itself; says nothing about who signed it. */
export function validateLightBlock(block: LightBlock, chainId: string, hasher: Hasher): void {
  validateSignedHeader(block, chainId, hasher)
  validateValidatorSet(block.validatorSet, hasher)
  checkHash(block.header.validatorsHash, validatorsHash(block.validatorSet, hasher), 'validators_hash')
}

/** Header and commit belong together and to this chain. */
export function validateSignedHeader(signed: SignedHeader, chainId: string, hasher: Hasher): void {
  const { header, commit } = signed
  validateHeader(header)
  validateCommit(commit)
  check(header.chainId === chainId, 'wrong-chain', 'the header is of another chain', {
    expected: chainId,
    actual: header.chainId,
  })
  check(commit.height === header.height, 'invalid-commit', 'the commit is for another height', {
    expected: header.height,
    actual: commit.height,
  })
  const { hash } = commit.blockId
  if (!equals(headerHash(header, hasher), hash)) {
    throw new VerifyError('wrong-hash', 'the commit signs another header', { expected: formatHex(hash) })
  }
}

export function validateHeader(header: Header): void {
  check(header.version.block === blockProtocol, 'invalid-header', 'unknown block protocol', {
    expected: blockProtocol,
    actual: header.version.block,
  })
  // A UTF-16 unit takes at most three bytes.
  const { chainId } = header
  const fits = 3 * chainId.length <= chainIdLengthMax || encodeUtf8(chainId).length <= chainIdLengthMax
  check(fits, 'invalid-header', 'the chain id is too long')
  check(header.height > 0n, 'invalid-header', 'heights begin at 1', { actual: header.height })
  checkTimestamp(header.time, 'invalid-header')
  checkBlockId(header.lastBlockId, 'invalid-header')
  const hashes = [
    header.lastCommitHash,
    header.dataHash,
    header.evidenceHash,
    header.validatorsHash,
    header.nextValidatorsHash,
    header.consensusHash,
    header.lastResultsHash,
  ]
  for (const hash of hashes) checkHashLength(hash, 'invalid-header')
  check(header.proposerAddress.length === 20, 'invalid-header', 'an address has 20 bytes')
}

export function validateCommit(commit: Commit): void {
  check(commit.height >= 0n, 'invalid-commit', 'negative height', { actual: commit.height })
  check(commit.round >= 0, 'invalid-commit', 'negative round', { actual: commit.round })
  checkBlockId(commit.blockId, 'invalid-commit')
  if (commit.height === 0n) return
  check(!isNoBlockId(commit.blockId), 'invalid-commit', 'a commit cannot be for nil')
  check(commit.signatures.length > 0, 'invalid-commit', 'a commit without signatures')
  check(commit.signatures.length <= validatorsMax, 'invalid-commit', 'too many signatures', { expected: validatorsMax })
  for (const signature of commit.signatures) validateCommitSignature(signature)
}

function validateCommitSignature(signature: CommitSignature): void {
  const { absent, commit, nil } = BlockIdFlag
  const flag = signature.blockIdFlag
  check(flag === absent || flag === commit || flag === nil, 'invalid-commit', 'unknown block id flag', { actual: flag })
  if (flag === absent) {
    check(signature.validatorAddress.length === 0, 'invalid-commit', 'an absent vote with an address')
    check(compareTime(signature.timestamp, zeroTime) === 0, 'invalid-commit', 'an absent vote with a time')
    check(signature.signature.length === 0, 'invalid-commit', 'an absent vote with a signature')
    return
  }
  check(signature.validatorAddress.length === 20, 'invalid-commit', 'an address has 20 bytes')
  check(signature.signature.length > 0, 'invalid-commit', 'a vote without a signature')
  check(signature.signature.length <= signatureBytesMax, 'invalid-commit', 'a signature is too long')
}

export function validateValidatorSet(set: ValidatorSet, hasher: Hasher): void {
  const code = 'invalid-validator-set'
  check(set.validators.length > 0, code, 'an empty validator set')
  check(set.validators.length <= validatorsMax, code, 'too many validators', { expected: `<= ${validatorsMax}` })
  for (const [index, member] of set.validators.entries()) {
    check(member.votingPower >= 0n, code, 'negative voting power', { actual: member.votingPower })
    check(isOwnAddress(member, hasher), code, 'the address is not of the key')
    const inOrder = index === 0 || compareValidators(set.validators[index - 1]!, member) < 0
    check(inOrder, code, 'validators out of order', { actual: index })
  }
  check(!hasTwice(set), code, 'a validator stands twice in the set')
  const total = totalVotingPower(set)
  check(total <= totalVotingPowerMax, code, 'too much voting power', { expected: totalVotingPowerMax, actual: total })
  checkProposer(set)
}

/** Whether an address stands twice. Addresses that begin differently differ, and then no more need be compared. */
function hasTwice({ validators }: ValidatorSet): boolean {
  const beginnings = new Set(validators.map(({ address }) => (address[0]! << 16) | (address[1]! << 8) | address[2]!))
  if (beginnings.size === validators.length) return false
  return new Set(validators.map(({ address }) => addressName(address))).size < validators.length
}

function checkBlockId(id: BlockId, code: 'invalid-header' | 'invalid-commit'): void {
  checkHashLength(id.hash, code)
  checkHashLength(id.partSetHeader.hash, code)
}

function checkHashLength(hash: Uint8Array, code: 'invalid-header' | 'invalid-commit'): void {
  check(hash.length === 0 || hash.length === 32, code, 'a hash has 32 bytes', { actual: hash.length })
}

function checkHash(expected: Uint8Array, actual: Uint8Array, name: string): void {
  if (equals(expected, actual)) return
  throw new VerifyError('wrong-hash', `${name} does not match`, {
    expected: formatHex(expected),
    actual: formatHex(actual),
  })
}

// Which signatures of a commit count, and for how much (CometBFT types/validation.go: VerifyCommitLight and
// VerifyCommitLightTrusting). Power is summed first, from what the commit claims; the signatures that were counted are
// then checked all at once, so that too little power costs no signature check.

import { equals, formatHex } from '../bytes.ts'
import { BlockIdFlag, type Commit, createVoteSignBytes } from '../comet/commit.ts'
import { addressName } from '../comet/members.ts'
import { type KeyType, totalVotingPower, type Validator, type ValidatorSet } from '../comet/validator-set.ts'
import type { Crypto, SignedMessage, VerifyOptions } from '../crypto/crypto.ts'
import { verifyKeys } from '../crypto/validator-keys/keys.ts'
import { assert, check, VerifyError } from '../errors.ts'

/** A share of voting power; a commit must carry more than it. */
export type TrustLevel = { readonly numerator: bigint; readonly denominator: bigint }

/** The power whose signatures were checked. Checking stops where there is enough, so `signed` is "at least". */
export type SignedPower = { readonly signed: bigint; readonly total: bigint }

/** Signatures to check: the index in the commit, and the validator that must have made it. */
type Signer = { readonly index: number; readonly validator: Validator }

export type CommitTally = SignedPower & { readonly enough: boolean; readonly signers: readonly Signer[] }

export const twoThirds: TrustLevel = { numerator: 2n, denominator: 3n }

/** From 1/3 up to, not including, 1: no commit could carry more than all. */
export function isTrustLevel(level: TrustLevel): boolean {
  const { numerator, denominator } = level
  return denominator > 0n && numerator * 3n >= denominator && numerator < denominator
}

/**
 * More than two thirds of the set that the commit belongs to. Throws `invalid-commit` where signatures and validators do
 * not stand side by side, `insufficient-power` where too few are claimed.
 */
export function tallyOwn(commit: Commit, set: ValidatorSet, compromisedKeys: readonly Uint8Array[] = []): CommitTally {
  check(commit.signatures.length === set.validators.length, 'invalid-commit', 'one signature for each validator', {
    expected: set.validators.length,
    actual: commit.signatures.length,
  })
  const needed = powerNeeded(set, twoThirds)
  const isCompromised = findIn(compromisedKeys)
  const tally = count(commit, needed, index => {
    const validator = set.validators[index]!
    const named = commit.signatures[index]!.validatorAddress
    if (equals(validator.address, named)) return isCompromised(validator) ? undefined : validator
    throw new VerifyError('invalid-commit', 'a signature stands at the place of another validator', {
      expected: formatHex(validator.address),
      actual: formatHex(named),
    })
  })
  check(tally.signed > needed, 'insufficient-power', 'too little of the voting power signed', {
    expected: `> ${needed}`,
    actual: tally.signed,
  })
  return { ...tally, total: totalVotingPower(set), enough: true }
}

export type Trusting = {
  readonly trustLevel: TrustLevel
  readonly compromisedKeys?: readonly Uint8Array[] | undefined
}

/**
 * More than the trust level of a set that the commit does not belong to: validators are found by address, unknown ones are
 * skipped. Throws `invalid-commit` where one of them is counted twice.
 */
export function tallyTrusting(
  commit: Commit,
  set: ValidatorSet,
  { trustLevel, compromisedKeys = [] }: Trusting,
): CommitTally {
  assert(isTrustLevel(trustLevel), 'a trust level lies between 1/3 and 1')
  const isCompromised = findIn(compromisedKeys)
  const counting = set.validators.filter(validator => !isCompromised(validator))
  const byAddress = new Map(counting.map(validator => [addressName(validator.address), validator]))
  const needed = powerNeeded(set, trustLevel)
  const seen = new Set<Validator>()
  const tally = count(commit, needed, index => {
    const address = addressName(commit.signatures[index]!.validatorAddress)
    const validator = byAddress.get(address)
    if (validator === undefined) return undefined
    check(!seen.has(validator), 'invalid-commit', 'a validator signed twice')
    seen.add(validator)
    return validator
  })
  return { ...tally, total: totalVotingPower(set), enough: tally.signed > needed }
}

/** Whether a validator's key is among these; mostly there are none. */
function findIn(keys: readonly Uint8Array[]): (validator: Validator) => boolean {
  const found = new Set(keys.map(formatHex))
  return ({ publicKey }) => found.size > 0 && found.has(formatHex(publicKey.bytes))
}

/** Power of which a commit must carry more: the share rounded down, as in CometBFT. */
function powerNeeded(set: ValidatorSet, level: TrustLevel): bigint {
  return (totalVotingPower(set) * level.numerator) / level.denominator
}

function count(
  commit: Commit,
  needed: bigint,
  validatorAt: (index: number) => Validator | undefined,
): { readonly signed: bigint; readonly signers: readonly Signer[] } {
  const signers: Signer[] = []
  let signed = 0n
  for (const [index, signature] of commit.signatures.entries()) {
    if (signature.blockIdFlag !== BlockIdFlag.commit) continue
    const validator = validatorAt(index)
    if (validator === undefined) continue
    signers.push({ index, validator })
    signed += validator.votingPower
    if (signed > needed) break
  }
  return { signed, signers }
}

/**
 * Whether CometBFT would check this commit's signatures as one batch, and so sum their power first; else it checks each as it
 * sums, so that a bad one is told before too little power is (types/validation.go, shouldBatchVerify).
 */
export function isBatched(set: ValidatorSet, commit: Commit): boolean {
  return commit.signatures.length >= 2 && set.validators.every(({ publicKey }) => publicKey.type === 'ed25519')
}

export type CheckedCommit = {
  readonly chainId: string
  readonly commit: Commit
  readonly tallies: readonly CommitTally[]
}

/** Checks every signature that the tallies counted, each once, in one batch. Throws `bad-signature`. */
export async function checkSignatures(
  checked: CheckedCommit,
  crypto: Crypto,
  options: VerifyOptions = {},
): Promise<void> {
  const bad = await firstBadCommit([checked], crypto, options)
  if (bad !== undefined) throw bad.error
}

/** The same for many commits in one batch; answers the first that has a bad signature, by its place. */
export async function firstBadCommit(
  commits: readonly CheckedCommit[],
  crypto: Crypto,
  options: VerifyOptions = {},
): Promise<{ readonly index: number; readonly error: VerifyError } | undefined> {
  const votes: Vote[] = []
  for (const [commitIndex, { chainId, commit, tallies }] of commits.entries()) {
    const signBytes = createVoteSignBytes({ ...commit, chainId })
    const counted = tallies.length === 1 ? tallies[0]!.signers : eachOnce(tallies.flatMap(tally => tally.signers))
    for (const { index, validator } of counted) {
      const { timestamp, signature } = commit.signatures[index]!
      const { bytes: publicKey } = validator.publicKey
      votes.push({ publicKey, message: signBytes(timestamp), signature, validator, commitIndex })
    }
  }
  const bad = await firstBadVote(votes, crypto, options)
  if (bad === undefined) return undefined
  const { validator, commitIndex } = bad
  const error = new VerifyError('bad-signature', 'a validator\u2019s signature is wrong', {
    actual: formatHex(validator.address),
  })
  return { index: commitIndex, error }
}

type Vote = SignedMessage & { readonly validator: Validator; readonly commitIndex: number }

/** One batch for each type of keys; mostly there is one. */
async function firstBadVote(votes: readonly Vote[], crypto: Crypto, options: VerifyOptions): Promise<Vote | undefined> {
  if (votes.every(({ validator }) => validator.publicKey.type === 'ed25519')) {
    const [first] = await crypto.verifyEd25519(votes, options)
    return first === undefined ? undefined : votes[first]
  }
  const places = new Map<KeyType, number[]>()
  for (const [place, { validator }] of votes.entries()) {
    const { type } = validator.publicKey
    const known = places.get(type)
    if (known === undefined) places.set(type, [place])
    else known.push(place)
  }
  const bad: number[] = []
  for (const [type, ofType] of places) {
    const items = ofType.length === votes.length ? votes : ofType.map(place => votes[place]!)
    const [first] = await verifierOf(type, crypto)(items, options)
    if (first !== undefined) bad.push(ofType[first]!)
  }
  return bad.length === 0 ? undefined : votes[Math.min(...bad)]
}

/** How signatures of keys of one type are checked. The type's support was loaded before (withKeysOf). */
export function verifierOf(type: KeyType, crypto: Crypto): Crypto['verifyEd25519'] {
  if (type === 'ed25519') return crypto.verifyEd25519
  const support = crypto.validatorKeys?.[type]
  assert(support !== undefined, 'sets with keys that are not loaded were refused before')
  return (items, options) => verifyKeys(support, items, options)
}

/** A signature that two sets count is mostly checked under one key. */
function eachOnce(signers: readonly Signer[]): readonly Signer[] {
  const kept: Signer[] = []
  const byIndex = new Map<number, Signer>()
  for (const signer of signers) {
    const known = byIndex.get(signer.index)
    if (known !== undefined && equals(known.validator.publicKey.bytes, signer.validator.publicKey.bytes)) continue
    byIndex.set(signer.index, signer)
    kept.push(signer)
  }
  return kept
}

// One step of a light client, pure: from a block that is trusted to one that is not (CometBFT light/verifier.go; the
// algorithm is "Tendermint Light Client", arXiv:2010.07031). Cheap checks stand before dear ones: time and chain, then
// hashes, then continuity or overlap of the validators, signatures last, because the new set is of the other side's
// choosing.
//
// What a verified block guarantees: unless more than `trustLevel` of the trusted set lied within the trusting period, it
// is the one block that the chain agreed on at its height.

import { equals, formatHex } from '../bytes.ts'
import { type Header, headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { checkProposer, sameMembers } from '../comet/members.ts'
import { validateHeader, validateLightBlock, validateSignedHeader, validateValidatorSet } from '../comet/validate.ts'
import { type ValidatorSet, validatorsHash, withKeysOf } from '../comet/validator-set.ts'
import type { Crypto, Hasher, VerifyOptions } from '../crypto/crypto.ts'
import { loadCrypto } from '../crypto/load.ts'
import { check, VerifyError, type VerifyErrorCode } from '../errors.ts'
import { addNanos, compareTime, formatTime, type Timestamp } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import {
  type CheckedCommit,
  type CommitTally,
  checkSignatures,
  firstBadCommit,
  isBatched,
  type SignedPower,
  type TrustLevel,
  tallyOwn,
  tallyTrusting,
} from './commit.ts'

/** What is asked of every step. */
export type VerifyRules = {
  readonly now: Timestamp
  /** How long after its time a header may be trusted from, in nanoseconds. */
  readonly trustingPeriodNs: bigint
  /** How far ahead of `now` a header's time may be, in nanoseconds. */
  readonly maxClockDriftNs: bigint
  /** Public keys whose signatures count for nothing, whatever power they have. */
  readonly compromisedKeys?: readonly Uint8Array[] | undefined
  readonly signal?: AbortSignal | undefined
  /** What `loadCrypto` gives when it is left out. */
  readonly crypto?: Crypto | undefined
}

export type VerifyStep = VerifyRules & {
  /** A block that the caller vouches for: verified before, or named by its trust root. */
  readonly trusted: Trusted<LightBlock>
  readonly untrusted: LightBlock
  /** The share of the trusted set that must have signed, where heights are not adjacent. */
  readonly trustLevel: TrustLevel
}

/** A trusted block's header is trusted too. */
export type TrustedBlock = Trusted<LightBlock & { readonly header: Trusted<Header> }>

/** Each answer has a code of its own; that of `invalid` is the error's. */
export type VerifiedStep = Verified | NotEnoughTrust | Refused

export type Verified = TrustedHead & { readonly kind: 'verified'; readonly code: 'verified' }

/** Too many validators changed between the two: verify a block between them first. */
export type NotEnoughTrust = {
  readonly kind: 'not-enough-trust'
  readonly code: 'not-enough-trust'
  readonly signedPower: SignedPower
}

/** A verified block, and how much of its own set's power was seen to sign it. */
export type TrustedHead = { readonly block: TrustedBlock; readonly signedPower: SignedPower }

/** `expired` says nothing about the block: the trusted one is too old to begin from. */
export type Refused = {
  readonly kind: 'expired' | 'invalid'
  readonly code: VerifyErrorCode
  readonly error: VerifyError
}

/**
 * The adjacent or the skipping rule, whichever the heights ask for: the verdict of CometBFT's `light.Verify`. Rejects only
 * with the signal's reason.
 */
export function verifyLightBlock(step: VerifyStep): Promise<VerifiedStep> {
  const adjacent = step.untrusted.header.height === step.trusted.header.height + 1n
  return adjacent ? verifyNext(step) : verifyNonAdjacent(step)
}

/** The blocks up to the first that fails are trusted now; `index` is that one's place. */
export type VerifiedRun =
  | { readonly kind: 'verified'; readonly code: 'verified'; readonly blocks: readonly TrustedHead[] }
  | (Refused & { readonly index: number; readonly blocks: readonly TrustedHead[] })

/**
 * Blocks of the heights that follow the trusted one, without a gap, and the first verdict that is not "verified". The
 * signatures of all are checked as one batch, which costs far less than a batch for each. Rejects only with the signal's
 * reason.
 */
export async function verifyAdjacent(
  trusted: Trusted<LightBlock>,
  blocks: readonly LightBlock[],
  rules: VerifyRules,
): Promise<VerifiedRun> {
  let crypto = rules.crypto ?? (await loadCrypto())
  const commits: CheckedCommit[] = []
  const heads: TrustedHead[] = []
  let refused: Refused | undefined
  let before = trusted
  let checked: LightBlock | undefined
  try {
    crypto = await withKeysOf(blocks.map(setOf), crypto)
    for (const untrusted of blocks) {
      const own = checkAdjacent({ ...rules, trusted: before, untrusted, checked }, crypto)
      commits.push(commitOf(untrusted, [own]))
      heads.push({ block: untrusted as TrustedBlock, signedPower: powerOf(own) })
      before = untrusted as TrustedBlock
      checked = untrusted
    }
  } catch (error) {
    refused = refusal(error)
  }
  // Nothing in `heads` is handed out before its signatures are checked.
  const bad = await firstBadCommit(commits, crypto, optionsOf(rules))
  if (bad !== undefined) return { ...refusal(bad.error), index: bad.index, blocks: heads.slice(0, bad.index) }
  if (refused !== undefined) return { ...refused, index: heads.length, blocks: heads }
  return { kind: 'verified', code: 'verified', blocks: heads }
}

/** The next height: its set is the one that the trusted header named, and more than two thirds of it signed. */
function verifyNext(step: VerifyStep): Promise<VerifiedStep> {
  return answered(async () => {
    const crypto = await withKeysOf([step.untrusted.validatorSet], step.crypto ?? (await loadCrypto()))
    const own = checkAdjacent(step, crypto)
    await checkSignatures(commitOf(step.untrusted, [own]), crypto, optionsOf(step))
    return verified(step.untrusted, own)
  })
}

type CheckedStep = Omit<VerifyStep, 'trustLevel'> & {
  /** The block before, whose set was hashed and found to be its header's just now: nobody else could change it since. */
  readonly checked?: LightBlock | undefined
}

/** All of it but the signatures. */
function checkAdjacent(step: CheckedStep, hasher: Hasher): CommitTally {
  checkCommon(step, hasher)
  const { trusted, untrusted } = step
  check(untrusted.header.height === trusted.header.height + 1n, 'wrong-height', 'the heights are not adjacent', {
    expected: trusted.header.height + 1n,
    actual: untrusted.header.height,
  })
  checkHash(trusted.header.nextValidatorsHash, untrusted.header.validatorsHash, 'the validator set is another')
  return tallyOwn(untrusted.commit, untrusted.validatorSet, step.compromisedKeys)
}

/** Any later height: more than `trustLevel` of the trusted set signed it, and more than two thirds of its own. */
function verifyNonAdjacent(step: VerifyStep): Promise<VerifiedStep> {
  return answered<VerifiedStep>(async () => {
    const { trusted, untrusted } = step
    const crypto = await withKeysOf([trusted, untrusted].map(setOf), step.crypto ?? (await loadCrypto()))
    checkCommon(step, crypto)
    const trusting = tallyTrusting(untrusted.commit, trusted.validatorSet, step)
    if (!trusting.enough) {
      if (!isBatched(trusted.validatorSet, untrusted.commit)) {
        await checkSignatures(commitOf(untrusted, [trusting]), crypto, optionsOf(step))
      }
      return { kind: 'not-enough-trust', code: 'not-enough-trust', signedPower: powerOf(trusting) }
    }
    const own = tallyOwn(untrusted.commit, untrusted.validatorSet, step.compromisedKeys)
    await checkSignatures(commitOf(untrusted, [trusting, own]), crypto, optionsOf(step))
    return verified(untrusted, own)
  })
}

export type VerifyBackwards = {
  readonly trusted: Trusted<Header>
  /** The header one height below. */
  readonly untrusted: Header
}

/** The height before, by the hash that the trusted header links to. No signatures: the link is signed already. */
export function verifyBackwards(
  { trusted, untrusted }: VerifyBackwards,
  hasher: Hasher,
): { readonly kind: 'verified'; readonly header: Trusted<Header> } | Refused {
  try {
    validateHeader(untrusted)
    checkChain(trusted, untrusted)
    check(untrusted.height === trusted.height - 1n, 'wrong-height', 'not the height before', {
      expected: trusted.height - 1n,
      actual: untrusted.height,
    })
    check(compareTime(untrusted.time, trusted.time) < 0, 'wrong-time', 'the earlier header is not earlier')
    checkHash(trusted.lastBlockId.hash, headerHash(untrusted, hasher), 'the next header links to another one')
    return { kind: 'verified', header: untrusted as Trusted<Header> }
  } catch (error) {
    return refusal(error)
  }
}

export type VerifyNamed = {
  readonly chainId: string
  readonly untrusted: LightBlock
  /** The header's hash, from where trust begins or from a trusted header; 32 bytes. */
  readonly headerHash: Uint8Array
  readonly signal?: AbortSignal | undefined
}

/** A block whose hash is trusted already: it is whole, it is that one, and more than two thirds of its set signed it. */
export function verifyNamed(
  { chainId, untrusted, headerHash, signal }: VerifyNamed,
  given: Crypto,
): Promise<Verified | Refused> {
  return answered(async () => {
    const crypto = await withKeysOf([untrusted.validatorSet], given)
    validateLightBlock(untrusted, chainId, crypto)
    checkHash(headerHash, untrusted.commit.blockId.hash, 'not the header that is trusted')
    const own = tallyOwn(untrusted.commit, untrusted.validatorSet)
    await checkSignatures(commitOf(untrusted, [own]), crypto, optionsOf({ signal }))
    return verified(untrusted, own)
  })
}

/** A header is past its trusting period when nothing can be verified from it any more; the end itself is past. */
export function isExpired(header: Header, trustingPeriodNs: bigint, now: Timestamp): boolean {
  return compareTime(addNanos(header.time, trustingPeriodNs), now) <= 0
}

// The first failing line decides, in CometBFT's order.
function checkCommon(step: CheckedStep, hasher: Hasher): void {
  const { trusted, untrusted, now } = step
  const { header } = untrusted
  if (isExpired(trusted.header, step.trustingPeriodNs, now)) {
    throw new VerifyError('expired', 'the trusted header is too old', {
      expected: `> ${formatTime(now)}`,
      actual: formatTime(addNanos(trusted.header.time, step.trustingPeriodNs)),
    })
  }
  validateSignedHeader(untrusted, trusted.header.chainId, hasher)
  check(header.height > trusted.header.height, 'wrong-height', 'not a later height', {
    expected: `> ${trusted.header.height}`,
    actual: header.height,
  })
  if (compareTime(header.time, trusted.header.time) <= 0) {
    throw new VerifyError('wrong-time', 'not a later time', {
      expected: `> ${formatTime(trusted.header.time)}`,
      actual: formatTime(header.time),
    })
  }
  const latest = addNanos(now, step.maxClockDriftNs)
  if (compareTime(header.time, latest) >= 0) {
    throw new VerifyError('from-future', 'the header is from the future', {
      expected: `< ${formatTime(latest)}`,
      actual: formatTime(header.time),
    })
  }
  checkHash(
    header.validatorsHash,
    validSetHash(untrusted.validatorSet, step.checked, hasher),
    'the validator set is another',
  )
}

/** The hash of a set that is valid. From height to height sets hardly ever change, and comparing is cheaper than hashing. */
function validSetHash(set: ValidatorSet, checked: LightBlock | undefined, hasher: Hasher): Uint8Array {
  if (checked !== undefined && sameMembers(checked.validatorSet, set)) {
    checkProposer(set)
    return checked.header.validatorsHash
  }
  validateValidatorSet(set, hasher)
  return validatorsHash(set, hasher)
}

function checkChain(trusted: Header, untrusted: Header): void {
  check(untrusted.chainId === trusted.chainId, 'wrong-chain', 'the header is of another chain', {
    expected: trusted.chainId,
    actual: untrusted.chainId,
  })
}

function checkHash(expected: Uint8Array, actual: Uint8Array, message: string): void {
  if (equals(expected, actual)) return
  throw new VerifyError('wrong-hash', message, { expected: formatHex(expected), actual: formatHex(actual) })
}

const setOf = (block: LightBlock): ValidatorSet => block.validatorSet

function commitOf(block: LightBlock, tallies: readonly CommitTally[]): CheckedCommit {
  return { chainId: block.header.chainId, commit: block.commit, tallies }
}

function optionsOf({ signal }: Pick<VerifyRules, 'signal'>): VerifyOptions {
  return signal === undefined ? {} : { signal }
}

function powerOf({ signed, total }: SignedPower): SignedPower {
  return { signed, total }
}

function verified(block: LightBlock, power: SignedPower): Verified {
  return { kind: 'verified', code: 'verified', block: block as TrustedBlock, signedPower: powerOf(power) }
}

async function answered<Answer extends VerifiedStep>(steps: () => Promise<Answer>): Promise<Answer | Refused> {
  try {
    return await steps()
  } catch (error) {
    return refusal(error)
  }
}

/** A VerifyError as an answer; anything else goes on. */
export function refusal(error: unknown): Refused {
  if (!(error instanceof VerifyError)) throw error
  return { kind: error.code === 'expired' ? 'expired' : 'invalid', code: error.code, error }
}

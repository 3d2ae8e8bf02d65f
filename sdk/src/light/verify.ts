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
import { validateHeader, validateLightBlock, validateSignedHeader, validateValidatorSet } from '../comet/validate.ts'
import { validatorsHash } from '../comet/validator-set.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { addSeconds, compareTime, formatTime, type Timestamp } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import { checkSignatures, type SignedPower, type TrustLevel, tallyOwn, tallyTrusting } from './commit.ts'

export type VerifyStep = {
  readonly trusted: Trusted<LightBlock>
  readonly untrusted: LightBlock
  readonly trustLevel: TrustLevel
  readonly trustingPeriodSeconds: number
  readonly now: Timestamp
  readonly clockDriftSeconds: number
  /** Public keys whose signatures count for nothing, whatever power they have. */
  readonly compromisedKeys?: readonly Uint8Array[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** A trusted block's header is trusted too. */
export type TrustedBlock = Trusted<LightBlock & { readonly header: Trusted<Header> }>

export type VerifiedStep =
  | { readonly kind: 'verified'; readonly block: TrustedBlock; readonly signedPower: SignedPower }
  /** Too many validators changed between the two: verify a block between them first. */
  | { readonly kind: 'not-enough-trust'; readonly signedPower: SignedPower }
  | { readonly kind: 'invalid'; readonly error: VerifyError }

/** The adjacent or the skipping rule, whichever the heights ask for. Rejects only with the signal's reason. */
export function verifyLightBlock(step: VerifyStep, crypto: Crypto): Promise<VerifiedStep> {
  const adjacent = step.untrusted.header.height === step.trusted.header.height + 1n
  return adjacent ? verifyAdjacent(step, crypto) : verifyNonAdjacent(step, crypto)
}

/** The next height: its set is the one that the trusted header named, and more than two thirds of it signed. */
export function verifyAdjacent(step: VerifyStep, crypto: Crypto): Promise<VerifiedStep> {
  return answered(async () => {
    checkCommon(step, crypto)
    const { trusted, untrusted } = step
    check(untrusted.header.height === trusted.header.height + 1n, 'wrong-height', 'the heights are not adjacent')
    checkHash(trusted.header.nextValidatorsHash, untrusted.header.validatorsHash, 'the validator set is another')
    const own = tallyOwn(untrusted.commit, untrusted.validatorSet, step.compromisedKeys)
    await checkSignatures(commitOf(untrusted, [own]), crypto, optionsOf(step))
    return verified(untrusted, own)
  })
}

/** Any later height: more than `trustLevel` of the trusted set signed it, and more than two thirds of its own. */
export function verifyNonAdjacent(step: VerifyStep, crypto: Crypto): Promise<VerifiedStep> {
  return answered(async () => {
    checkCommon(step, crypto)
    const { trusted, untrusted } = step
    check(untrusted.header.height !== trusted.header.height + 1n, 'wrong-height', 'the heights are adjacent')
    const trusting = tallyTrusting(untrusted.commit, trusted.validatorSet, step)
    if (!trusting.enough) return { kind: 'not-enough-trust', signedPower: powerOf(trusting) }
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
):
  | { readonly kind: 'verified'; readonly header: Trusted<Header> }
  | { readonly kind: 'invalid'; readonly error: VerifyError } {
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
    return invalid(error)
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
  crypto: Crypto,
): Promise<VerifiedStep> {
  return answered(async () => {
    validateLightBlock(untrusted, chainId, crypto)
    checkHash(headerHash, untrusted.commit.blockId.hash, 'not the header that is trusted')
    const own = tallyOwn(untrusted.commit, untrusted.validatorSet)
    await checkSignatures(commitOf(untrusted, [own]), crypto, signal === undefined ? {} : { signal })
    return verified(untrusted, own)
  })
}

/** A header is past its trusting period when nothing can be verified from it any more; the end itself is past. */
export function isExpired(header: Header, trustingPeriodSeconds: number, now: Timestamp): boolean {
  return compareTime(addSeconds(header.time, trustingPeriodSeconds), now) <= 0
}

// The first failing line decides, in CometBFT's order.
function checkCommon(step: VerifyStep, hasher: Hasher): void {
  const { trusted, untrusted, now } = step
  const { header } = untrusted
  check(!isExpired(trusted.header, step.trustingPeriodSeconds, now), 'expired', 'the trusted header is too old', {
    expected: `> ${formatTime(now)}`,
    actual: formatTime(addSeconds(trusted.header.time, step.trustingPeriodSeconds)),
  })
  validateSignedHeader(untrusted, trusted.header.chainId, hasher)
  check(header.height > trusted.header.height, 'wrong-height', 'not a later height', {
    expected: `> ${trusted.header.height}`,
    actual: header.height,
  })
  check(compareTime(header.time, trusted.header.time) > 0, 'wrong-time', 'not a later time', {
    expected: `> ${formatTime(trusted.header.time)}`,
    actual: formatTime(header.time),
  })
  const latest = addSeconds(now, step.clockDriftSeconds)
  check(compareTime(header.time, latest) < 0, 'from-future', 'the header is from the future', {
    expected: `< ${formatTime(latest)}`,
    actual: formatTime(header.time),
  })
  validateValidatorSet(untrusted.validatorSet, hasher)
  checkHash(header.validatorsHash, validatorsHash(untrusted.validatorSet, hasher), 'the validator set is another')
}

function checkChain(trusted: Header, untrusted: Header): void {
  check(untrusted.chainId === trusted.chainId, 'wrong-chain', 'the header is of another chain', {
    expected: trusted.chainId,
    actual: untrusted.chainId,
  })
}

function checkHash(expected: Uint8Array, actual: Uint8Array, message: string): void {
  check(equals(expected, actual), 'wrong-hash', message, { expected: formatHex(expected), actual: formatHex(actual) })
}

function commitOf(
  block: LightBlock,
  tallies: readonly ReturnType<typeof tallyOwn>[],
): Parameters<typeof checkSignatures>[0] {
  return { chainId: block.header.chainId, commit: block.commit, tallies }
}

function optionsOf(step: VerifyStep): { readonly signal?: AbortSignal } {
  return step.signal === undefined ? {} : { signal: step.signal }
}

function powerOf({ signed, total }: SignedPower): SignedPower {
  return { signed, total }
}

function verified(block: LightBlock, power: SignedPower): VerifiedStep {
  return { kind: 'verified', block: block as TrustedBlock, signedPower: powerOf(power) }
}

async function answered(steps: () => Promise<VerifiedStep>): Promise<VerifiedStep> {
  try {
    return await steps()
  } catch (error) {
    return invalid(error)
  }
}

function invalid(error: unknown): { readonly kind: 'invalid'; readonly error: VerifyError } {
  if (error instanceof VerifyError) return { kind: 'invalid', error }
  throw error
}

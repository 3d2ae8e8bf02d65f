// A checkpoint: k of n named bodies say which header stands at a height (security rule 10). A light client begins there,
// and believes nothing of its own store that cannot be verified from there again.

import { equals, formatHex } from '../bytes.ts'
import { timestamp } from '../comet/block-id.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import {
  chainIdLengthMax,
  checkpointBytesMax,
  clockDriftSecondsMax,
  compromisedKeysMax,
  rootKeysMax,
} from '../limits.ts'
import { always, bytes, type Message, message, repeated, repeatedBytes, string, uint64 } from '../protobuf.ts'
import { frame } from '../tags.ts'
import { addSeconds, compareTime, formatTime, type Timestamp } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import type { Signer } from '../tx/signer.ts'
import type { TrustRoot } from './trust-root.ts'

export type Checkpoint = {
  /** 32 bytes. */
  readonly genesisHash: Uint8Array
  readonly chainId: string
  readonly height: bigint
  /** 32 bytes each. */
  readonly headerHash: Uint8Array
  readonly nextValidatorsHash: Uint8Array
  /** The history log that the header at `height` commits to: `height` leaves, and its RFC 6962 root of 32 bytes. */
  readonly historySize: bigint
  readonly historyRoot: Uint8Array
  /** Rises by one with each checkpoint of a chain. */
  readonly sequence: bigint
  readonly issuedAt: Timestamp
  readonly expiresAt: Timestamp
  /** Ed25519 keys of validators that count for nothing above this height (security rule 9). */
  readonly compromisedKeys: readonly Uint8Array[]
}

export const checkpoint: Message<Checkpoint> = message({
  genesisHash: bytes(1, 32),
  chainId: string(2, chainIdLengthMax),
  height: uint64(3),
  headerHash: bytes(4, 32),
  nextValidatorsHash: bytes(5, 32),
  historySize: uint64(6),
  historyRoot: bytes(7, 32),
  sequence: uint64(8),
  issuedAt: always(9, timestamp),
  expiresAt: always(10, timestamp),
  compromisedKeys: repeatedBytes(11, compromisedKeysMax, 32),
})

export type CheckpointSignature = {
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
  /** 64 bytes over `checkpointSignBytes`. */
  readonly signature: Uint8Array
}

export type SignedCheckpoint = {
  /** The encoded checkpoint, as it was signed. */
  readonly checkpoint: Uint8Array
  readonly signatures: readonly CheckpointSignature[]
}

export const signedCheckpoint: Message<SignedCheckpoint> = message({
  checkpoint: bytes(1, checkpointBytesMax),
  signatures: repeated(2, message<CheckpointSignature>({ key: bytes(1, 32), signature: bytes(2, 64) }), rootKeysMax),
})

/** What each signer signs. */
export function checkpointSignBytes(encoded: Uint8Array): Uint8Array {
  return frame('muniment/checkpoint/1', encoded)
}

/** A checkpoint with a signature of each signer; their Ed25519 keys must be the trust root's to count. */
export async function signCheckpoint(value: Checkpoint, signers: readonly Signer[]): Promise<SignedCheckpoint> {
  const encoded = checkpoint.encode(value)
  const signBytes = checkpointSignBytes(encoded)
  const signatures = await Promise.all(
    signers.map(async ({ key, sign }) => ({ key: key.bytes, signature: await sign(signBytes) })),
  )
  return { checkpoint: encoded, signatures }
}

export type VerifiedCheckpoint =
  | { readonly kind: 'verified'; readonly checkpoint: Trusted<Checkpoint> }
  | { readonly kind: 'invalid'; readonly error: VerifyError }

/**
 * Answers `wrong-chain`, `checkpoint-expired`, `from-future`, `checkpoint-invalid`, or what decoding says. Keys that the
 * root does not name are passed over, and a key counts once, however often it signed.
 */
export async function verifyCheckpoint(
  { signed, root, now }: { readonly signed: SignedCheckpoint; readonly root: TrustRoot; readonly now: Timestamp },
  crypto: Crypto,
): Promise<VerifiedCheckpoint> {
  try {
    const value = checkpoint.decode(signed.checkpoint)
    checkContents(value, root, now)
    const { k, keys } = root.checkpointKeys
    const named = new Set(keys.map(formatHex))
    check(signed.signatures.length <= rootKeysMax, 'oversized', 'too many signatures', { expected: rootKeysMax })
    const counted = signed.signatures.filter(({ key }) => named.has(formatHex(key)))
    const signBytes = checkpointSignBytes(signed.checkpoint)
    const bad = new Set(
      await crypto.verifyEd25519(
        counted.map(({ key, signature }) => ({ publicKey: key, message: signBytes, signature })),
      ),
    )
    const signers = new Set(counted.filter((_, index) => !bad.has(index)).map(({ key }) => formatHex(key)))
    check(k > 0 && signers.size >= k, 'checkpoint-invalid', 'too few of the named bodies signed the checkpoint', {
      expected: k,
      actual: signers.size,
    })
    return { kind: 'verified', checkpoint: value as Trusted<Checkpoint> }
  } catch (error) {
    if (error instanceof VerifyError) return { kind: 'invalid', error }
    throw error
  }
}

function checkContents(value: Checkpoint, root: TrustRoot, now: Timestamp): void {
  const sameChain = value.chainId === root.chainId && equals(value.genesisHash, root.genesisHash)
  check(sameChain, 'wrong-chain', 'the checkpoint is of another chain', {
    expected: `${root.chainId} ${formatHex(root.genesisHash)}`,
    actual: `${value.chainId} ${formatHex(value.genesisHash)}`,
  })
  const hashes = [value.genesisHash, value.headerHash, value.nextValidatorsHash, value.historyRoot]
  const whole = hashes.every(hash => hash.length === 32) && value.compromisedKeys.every(key => key.length === 32)
  check(whole, 'checkpoint-invalid', 'hashes and keys have 32 bytes')
  check(value.height > 0n && value.historySize === value.height, 'checkpoint-invalid', 'impossible height or history')
  checkLive(value, now)
  const latest = addSeconds(now, clockDriftSecondsMax)
  check(compareTime(value.issuedAt, latest) <= 0, 'from-future', 'the checkpoint is from the future', {
    expected: `<= ${formatTime(latest)}`,
    actual: formatTime(value.issuedAt),
  })
}

/** Throws `checkpoint-expired`; the end itself is past. */
export function checkLive({ expiresAt }: Checkpoint, now: Timestamp): void {
  check(compareTime(expiresAt, now) > 0, 'checkpoint-expired', 'the checkpoint has run out', {
    expected: `> ${formatTime(now)}`,
    actual: formatTime(expiresAt),
  })
}

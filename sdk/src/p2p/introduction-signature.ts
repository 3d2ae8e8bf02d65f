// An introduction is signed by its sender for its target: an introducer can refuse to carry it, and change nothing.

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { empty, encodeUtf8, equals } from '../bytes.ts'
import { check } from '../errors.ts'
import { introductionDriftSeconds, introductionLifetimeSeconds } from '../limits.ts'
import { frame } from '../tags.ts'
import type { BlobKind } from './blob.ts'
import type { SignedBlob } from './introduction.ts'

export type Introduction = {
  readonly kind: BlobKind
  readonly blob: Uint8Array
  readonly target: Uint8Array
  /** The signature of the offer that an answer belongs to. */
  readonly offer?: Uint8Array
}

/** `nowMs` in milliseconds of Unix time. */
export async function signIntroduction(
  introduction: Introduction,
  key: PrivateKey,
  nowMs: number,
): Promise<SignedBlob> {
  const expires = BigInt(Math.floor(nowMs / 1_000) + introductionLifetimeSeconds)
  const unsigned = { blob: introduction.blob, sender: key.publicKey.raw, target: introduction.target, expires }
  const signature = await key.sign(signBytes(introduction.kind, unsigned, introduction.offer))
  // In Node it is a Buffer, whose slices are no copies.
  return { ...unsigned, signature: new Uint8Array(signature) }
}

export type Expected = {
  readonly kind: BlobKind
  readonly sender: Uint8Array
  readonly target: Uint8Array
  readonly offer?: Uint8Array
  readonly nowMs: number
}

/** Throws VerifyError unless the blob is what is expected: `wrong-key`, `expired`, `from-future` or `bad-signature`. */
export async function verifyIntroduction(signed: SignedBlob, expected: Expected): Promise<void> {
  check(equals(signed.sender, expected.sender), 'wrong-key', 'an introduction from somebody else')
  check(equals(signed.target, expected.target), 'wrong-key', 'an introduction for somebody else')
  const now = BigInt(Math.floor(expected.nowMs / 1_000))
  const drift = BigInt(introductionDriftSeconds)
  check(signed.expires + drift >= now, 'expired', 'an introduction that has expired')
  const latest = now + drift + BigInt(introductionLifetimeSeconds)
  check(signed.expires <= latest, 'from-future', 'an introduction that holds for too long')
  check(signed.sender.length === 32 && signed.signature.length === 64, 'bad-signature', 'not an Ed25519 signature')
  const key = publicKeyFromRaw(signed.sender)
  const holds = await key.verify(signBytes(expected.kind, signed, expected.offer), signed.signature)
  check(holds, 'bad-signature', 'an introduction that its sender did not sign')
}

/** From when on verifyIntroduction refuses it as expired, in milliseconds of Unix time. */
export function introductionEndsMs({ expires }: SignedBlob): number {
  return (Number(expires) + introductionDriftSeconds + 1) * 1_000
}

function signBytes(kind: BlobKind, signed: Omit<SignedBlob, 'signature'>, offer?: Uint8Array): Uint8Array {
  const expires = new Uint8Array(8)
  new DataView(expires.buffer).setBigUint64(0, signed.expires)
  const parts = [encodeUtf8(kind), signed.sender, signed.target, expires, signed.blob, offer ?? empty]
  return frame('muniment/introduction/1', ...parts)
}

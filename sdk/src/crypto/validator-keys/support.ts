import type { Hasher, SignedMessage } from '../crypto.ts'

/** What one kind of keys needs beyond a Crypto. Neither function throws. */
export type KeySupport = {
  /** 20 bytes, or undefined where CometBFT would not read the key. */
  readonly address: (publicKey: Uint8Array, hasher: Hasher) => Uint8Array | undefined
  /** Whether CometBFT accepts the signature. */
  readonly verify: (item: SignedMessage) => boolean
}

/** The first 20 bytes of the key's SHA-256, as most kinds have it. */
export function hashedAddress(publicKey: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.sha256(publicKey).slice(0, 20)
}

/** A library's answer about bytes from outside; what it throws at says no. */
export function orUndefined<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

import { hash } from 'node:crypto'
import { concat, type Hasher } from '@muniment/sdk'

/** SHA-256 by Node's own OpenSSL. */
export const nodeHasher: Hasher = { sha256 }

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = hash('sha256', parts.length === 1 ? parts[0]! : concat(...parts), 'buffer')
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length)
}

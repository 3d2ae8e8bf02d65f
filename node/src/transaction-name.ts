// What pool, engine and ledger call a transaction among themselves.

import { formatHex } from '@muniment/sdk'
import { sha256 } from './hasher.ts'

const names = new WeakMap<Uint8Array, string>()

/** Its SHA-256 in hexadecimal, made once for the same bytes, which nobody changes. */
export function transactionName(transaction: Uint8Array): string {
  const name = names.get(transaction) ?? formatHex(sha256(transaction))
  names.set(transaction, name)
  return name
}

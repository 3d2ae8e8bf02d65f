// What is asked about the members of a set, a hundred times for each header.

import { equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { type Validator, type ValidatorSet, validatorAddress } from './validator-set.ts'

const addressBytes = 20

/** Whether the address is the one of its key. Throws as `validatorAddress` does. */
export function isOwnAddress({ address, publicKey: key }: Validator, hasher: Hasher): boolean {
  if (key.type !== 'ed25519') return equals(address, validatorAddress(key, hasher))
  const digest = hasher.sha256(key.bytes)
  if (address.length !== addressBytes) return false
  for (let i = 0; i < addressBytes; i++) if (address[i] !== digest[i]) return false
  return true
}

/** For maps and sets of addresses; half the work of hexadecimal digits. */
export function addressName(address: Uint8Array): string {
  return String.fromCharCode(...address)
}

/** Whether two sets have the same members, and so the same hash; a tenth of the work of hashing one. */
export function sameMembers({ validators: left }: ValidatorSet, { validators: right }: ValidatorSet): boolean {
  if (left === right) return true
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) {
    const [a, b] = [left[i]!, right[i]!]
    const isSame =
      a.votingPower === b.votingPower &&
      a.publicKey.type === b.publicKey.type &&
      equals(a.publicKey.bytes, b.publicKey.bytes) &&
      equals(a.address, b.address)
    if (!isSame) return false
  }
  return true
}

/** What of a set may change from height to height without changing what is hashed. */
export function checkProposer({ proposer, validators }: ValidatorSet): void {
  const isMember = proposer.length === 0 || validators.some(({ address }) => equals(address, proposer))
  check(isMember, 'invalid-validator-set', 'the proposer is no member of the set')
}

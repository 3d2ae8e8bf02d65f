// How the validators have kept what they owe: public numbers of the state, each with its proof.

import { validatorAddress } from '../comet/validator-set.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import {
  beaconMemberEntry,
  beaconMemberKey,
  type ValidatorsEntry,
  validatorsEntry,
  validatorsKey,
} from '../ledger/draws.ts'
import type { ProvenRead } from '../ledger/looks.ts'
import { stateKeysPerQueryMax } from '../limits.ts'
import { unmetReceiptsEntry, unmetReceiptsKey } from './receipts.ts'

export type ValidatorStanding = ValidatorsEntry['members'][number] & {
  /** Blocks in which officials waited to be drawn and it revealed nothing. */
  readonly missedTurns: bigint
  /** Transactions that it promised a place and left out, as far as they were reported. */
  readonly unmetReceipts: bigint
}

/** Of each validator, in the order of the genesis file. Throws VerifyError `refused` for a ledger that names none; what `read` throws. */
export async function listValidatorStandings(read: ProvenRead, hasher: Hasher): Promise<readonly ValidatorStanding[]> {
  const [named] = await read([validatorsKey(hasher)])
  check(named, 'refused', 'the ledger names no validators')
  const { members } = validatorsEntry.decode(named)
  const standings: ValidatorStanding[] = []
  const perQuery = Math.floor(stateKeysPerQueryMax / 2)
  for (let from = 0; from < members.length; from += perQuery) {
    const some = members.slice(from, from + perQuery)
    const values = await read(some.flatMap(({ publicKey }) => keysOf(publicKey, hasher)))
    for (const [place, member] of some.entries()) {
      const [turns, receipts] = [values[place * 2], values[place * 2 + 1]]
      standings.push({
        ...member,
        missedTurns: turns ? beaconMemberEntry.decode(turns).missed : 0n,
        unmetReceipts: receipts ? unmetReceiptsEntry.decode(receipts).count : 0n,
      })
    }
  }
  return standings
}

function keysOf(publicKey: Uint8Array, hasher: Hasher): readonly Uint8Array[] {
  const address = validatorAddress({ type: 'ed25519', bytes: publicKey }, hasher)
  return [beaconMemberKey(hasher, address), unmetReceiptsKey(hasher, publicKey)]
}

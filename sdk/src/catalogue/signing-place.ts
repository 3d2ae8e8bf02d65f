// Where steps may be signed, whatever a service file says (docs/decisions/weighty-acts.md). The ledger asks this of every file before
// it takes it; whoever reads one from the ledger need not.

import { check } from '../errors.ts'
import type { Operation, Service } from './service.ts'

/** Whoever takes one of these in another's name has the account or the state: no service file lets it be signed anywhere. */
const identityOperations: readonly Operation[] = [
  'parties.appoint',
  'parties.dismiss',
  'parties.endKey',
  'parties.setGuardians',
  'parties.recover',
  'parties.recoverInPerson',
  'parties.delegate',
  'parties.setIdentityOrigins',
]
/** What only says no must be open to every key of an account; and who finishes a recovery has no other key. */
const openOperations: readonly Operation[] = [
  'parties.cancel',
  'parties.cancelRecovery',
  'parties.finishRecovery',
  'parties.endDelegation',
]

/** Throws VerifyError `malformed` for a service that lets weighty acts be signed anywhere, or confines what only says no. */
export function checkSigningPlaces({ transitions }: Service): void {
  for (const { operation, sign } of Object.values(transitions)) {
    const isWeighty = identityOperations.includes(operation)
    check(sign === 'identity' || !isWeighty, 'malformed', `${operation} is signed on identity pages only`)
    const isOpen = openOperations.includes(operation)
    check(sign === 'anywhere' || !isOpen, 'malformed', `${operation} can be signed anywhere`)
  }
}

// Weighty acts (security rule 3): which keys and which signatures count where a service file says `sign: identity`. The ledger
// and the widgets ask here, so that what a page lets a person try is what the ledger takes.

import type { HeldKey } from '../ledger/entries.ts'
import type { ReadAssertion } from './webauthn.ts'

/** Whether a key can sign weighty acts: a passkey that an identity page may ask, or a key that was registered as such. */
export function isIdentityKey({ passkey, isIdentity }: HeldKey, origins: readonly string[]): boolean {
  return passkey ? passkey.origins.some(origin => origins.includes(origin)) : isIdentity
}

/**
 * Whether one signature of a key was given on an identity page. Of a passkey the browser wrote which page asked; of a registered
 * key nothing does, so its registration must have been a weighty act. `assertion`: undefined where the key itself signed.
 */
export function isIdentitySignature(
  held: HeldKey,
  assertion: Pick<ReadAssertion, 'origin'> | undefined,
  origins: readonly string[],
): boolean {
  return assertion ? held.passkey !== undefined && origins.includes(assertion.origin) : isIdentityKey(held, origins)
}

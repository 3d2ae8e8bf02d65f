// Acting for somebody else: the delegations of this key's account that cover a step. Loaded where this browser knows of any.

import { type Client, compareTime, equals } from '@muniment/sdk'
import { type KnownDelegation, readDelegations } from './delegations.ts'
import type { Prepared } from './flow.ts'
import type { Preparing } from './ledger.ts'

/** Offers the choice in whose name it is done; `again` prepares it anew for one of them. */
export async function offerActing(
  client: Client,
  prepared: Prepared,
  given: Preparing & { readonly again: (acting: KnownDelegation | undefined) => Promise<Prepared> },
): Promise<Prepared> {
  const { key, place, acting, signal, again } = given
  const { service, transition } = prepared.review
  const names = [service, `${service}/${transition}`]
  const known = await readDelegations(client, key.account, signal)
  const choices = known.filter(({ entry }) => {
    const isHeld = equals(entry.to, key.account) && entry.endedHeight === 0n
    const isOpen = compareTime(client.now(), entry.untilTime) < 0
    return isHeld && isOpen && names.some(name => entry.scope.includes(name))
  })
  if (choices.length === 0 || place.service.id !== service) return prepared
  const choose = async (choice: KnownDelegation | undefined): Promise<Prepared> =>
    offerActing(client, await again(choice), { ...given, acting: choice })
  return { ...prepared, acting: { choices, chosen: acting, choose, view: await import('./render-acting.ts') } }
}

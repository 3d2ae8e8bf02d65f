// Letting somebody else act: given and ended, as acts on one's account.

import {
  delegationEntry,
  delegationId,
  delegationKey,
  equals,
  formatTime,
  type Timestamp,
  transactionId,
} from '@muniment/sdk'
import type { Account, Watched } from './account.ts'
import { type KnownDelegation, rememberDelegation } from './delegations.ts'
import { type AskedAct, textOf } from './keys-course.ts'
import type { DelegationActions } from './render-delegations.ts'

export function delegationActions(
  account: Account,
  review: (make: () => Promise<AskedAct>) => void,
): DelegationActions {
  const { client, key } = account
  const { crypto: hasher } = client
  return {
    delegate: (to: Uint8Array, scope: readonly string[], until: Timestamp) =>
      review(async () => {
        const idOf = (body: Uint8Array): Uint8Array =>
          delegationId(hasher, { from: key.account, to, transactionId: transactionId(hasher, body) })
        return {
          transition: 'delegate',
          args: { to: textOf(to), scope, until: formatTime(until) },
          watched: (body): Watched => ({
            key: delegationKey(hasher, idOf(body)),
            isDone: value => equals(delegationEntry.decode(value).to, to),
          }),
          keep: body => rememberDelegation(client, idOf(body)),
        }
      }),
    endDelegation: ({ id }: KnownDelegation) =>
      review(async () => ({
        transition: 'endDelegation',
        args: { delegation: textOf(id) },
        watched: (): Watched => ({
          key: delegationKey(hasher, id),
          isDone: value => delegationEntry.decode(value).endedHeight > 0n,
        }),
      })),
  }
}

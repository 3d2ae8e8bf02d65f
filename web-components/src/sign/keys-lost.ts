// The recovery of a lost account, as <muniment-keys> goes through it.

import { accountEntry, accountKey } from '@muniment/sdk'
import { prepareAct } from './account.ts'
import type { SignMethod } from './key.ts'
import { guard, holdsKey, type KeysAttempt, openAccount, requestOf, type Standing } from './keys-course.ts'
import type { KeysHost } from './keys-panel.ts'
import { localKeys } from './local-keys.ts'
import { adoptKey, beginRecovery, findLost, giveUp, type Lost, recoveringKey } from './recovery.ts'
import type { LostActions } from './render-lost.ts'

export async function findAndShow(attempt: KeysAttempt, account: Uint8Array): Promise<void> {
  const client = await attempt.connect()
  attempt.enter({ name: 'lost', lost: await findLost(client, account, attempt.signal) })
}

export function lostActions(from: Standing & { readonly name: 'lost' }, host: KeysHost): LostActions {
  const { lost } = from
  const run = (step: (attempt: KeysAttempt) => Promise<void>): void => {
    const attempt = host.attempt()
    guard(attempt, () => step(attempt), { name: 'lost', lost })
  }
  return {
    begin: (method, guardians) => run(attempt => begin(attempt, lost, { method, guardians })),
    look: () => run(attempt => findAndShow(attempt, lost.account)),
    finish: () => run(attempt => finish(attempt, lost)),
    giveUp: () =>
      run(async attempt => {
        await giveUp(lost.client)
        attempt.enter({ name: 'none' })
      }),
    open: () => run(attempt => openRecovered(attempt, lost)),
  }
}

async function begin(
  attempt: KeysAttempt,
  lost: Lost,
  given: { readonly method: SignMethod; readonly guardians: readonly Uint8Array[] },
): Promise<void> {
  attempt.enter({ name: 'asking' })
  const begun = await beginRecovery(lost, { ...given, request: requestOf(attempt, lost.client) })
  attempt.enter({ name: 'lost', lost: begun })
}

/** The last act of a recovery is reviewed and signed like any other, with the new key. */
async function finish(attempt: KeysAttempt, lost: Lost): Promise<void> {
  const { client, account, begun } = lost
  const key = await recoveringKey(lost, requestOf(attempt, client))
  const act = await prepareAct(client, {
    key,
    transition: 'finishRecovery',
    args: { account: begun!.args.account! },
    signal: attempt.signal,
    watched: () => ({
      key: accountKey(client.crypto, account),
      isDone: value => holdsKey(accountEntry.decode(value), begun!.key.bytes),
    }),
  })
  const then = (later: KeysAttempt): Promise<void> => openRecovered(later, lost)
  attempt.enter({ name: 'review', from: { name: 'lost', lost }, change: { act, then } })
}

async function openRecovered(attempt: KeysAttempt, lost: Lost): Promise<void> {
  const request = requestOf(attempt, lost.client)
  await adoptKey(lost, request)
  const key = (await localKeys(request)).find(({ method }) => method === lost.begun!.method)
  if (key) await openAccount(attempt, lost.client, key, { isDone: true })
}

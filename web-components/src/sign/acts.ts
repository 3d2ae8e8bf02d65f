// An act of several persons that seals no document: guardians who recover an account. Loaded when one was opened.

import {
  accountEntry,
  accountKey,
  type Client,
  check,
  decodeArgs,
  equals,
  formatHex,
  type Proposal,
  parseBase64Url,
  type ServiceActs,
  type TransactionBody,
  transactionId,
  VerifyError,
} from '@muniment/sdk'
import type { Watched } from './account.ts'
import { SignError } from './error.ts'
import type { Prepared } from './flow.ts'
import { expectedTime, type Preparing } from './ledger.ts'
import type { Review } from './review.ts'

/** Operations whose arguments are shown as they are. */
const shownOperations: readonly string[] = ['parties.recover']

/** Whether a step's proposals carry no document. */
export function isAct({ transitions }: ServiceActs, transition: string): boolean {
  return Object.hasOwn(transitions, transition) && shownOperations.includes(transitions[transition]!.operation)
}

/** Rejects with SignError `bytes-differ` where the bytes hold what is not shown. */
export async function openAct(
  client: Client,
  read: { readonly proposal: Proposal; readonly body: TransactionBody; readonly place: number },
  { key, place: { service }, signal }: Preparing,
): Promise<Prepared> {
  const { proposal, body, place } = read
  const [review, watched] = guarded(() => [readAct(client, read, service), watchRecovery(client, body)] as const)
  return {
    client,
    proposal,
    review,
    key,
    place,
    recordKey: watched.key,
    isProposed: true,
    asked: undefined,
    act: { args: decodeArgs(body.args), watched, view: await import('./render-act.ts') },
    deadline: await expectedTime(client, body.validUntil, signal),
  }
}

/** Until the account's entry names the new key. */
function watchRecovery({ crypto }: Client, { args }: TransactionBody): Watched {
  const { account, key } = decodeArgs(args)
  const named = parseBase64Url(String(key))
  return {
    key: accountKey(crypto, parseBase64Url(String(account))),
    isDone: value => {
      const { recovery } = accountEntry.decode(value)
      return recovery !== undefined && equals(recovery.key.bytes, named)
    },
  }
}

function readAct(
  client: Client,
  { proposal, body }: { readonly proposal: Proposal; readonly body: TransactionBody },
  service: ServiceActs,
): Review {
  const { title, transitions, roles } = service
  const transition = transitions[body.transition]!
  check(proposal.document === '', 'malformed', 'a document that the act does not seal')
  check(body.service === service.id, 'malformed', 'the bytes name another service')
  check(body.ifState.length === 0 && body.sponsor.length === 0, 'malformed', 'the bytes hold what is not shown')
  for (const { role, mandate } of body.signers) {
    const isOwn = transition.by.includes(role) && roles[role] === 'anyone' && mandate.length === 0
    check(isOwn, 'malformed', 'somebody would sign for others')
  }
  return {
    transactionId: formatHex(transactionId(client.crypto, proposal.body)),
    chainId: body.chainId,
    service: body.service,
    serviceTitle: title,
    transition: body.transition,
    transitionLabel: transition.label,
    signers: body.signers.map(({ account, role }) => ({ account: formatHex(account), role })),
    nonce: body.nonce,
    validUntil: body.validUntil,
    commitment: '',
    documentKey: undefined,
    issuedAt: 0,
    fields: [],
  }
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('bytes-differ', error.message)
    throw error
  }
}

// For whom the signers of an act act: an office, a party of the case, or themselves.

import {
  equals,
  formatHex,
  isOfficeRole,
  type OfficeRole,
  ResultCode,
  type Service,
  type TransactionBody,
  type TransactionSigner,
} from '@muniment/sdk'
import { principalOf } from './control.ts'
import type { BlockContext } from './kernel.ts'
import { require } from './rules.ts'
import { getMandate, getOffice, mandateHolds, type State } from './state.ts'

export type Actor = {
  readonly role: string
  /** Undefined when acting for himself. */
  readonly office: string | undefined
  /** Himself, or who delegated the step to him. 32 bytes. */
  readonly account: Uint8Array
  /** Who signs, whoever he acts for. */
  readonly signer: Uint8Array
  /** Empty when acting for himself. */
  readonly mandate: Uint8Array
}

type Given = {
  readonly state: State
  readonly block: BlockContext
  readonly body: TransactionBody
  readonly service: Service
}

/** Refused where the signer does not hold the role that he names. */
export function actorOf(signer: TransactionSigner, given: Given): Actor {
  const { service, body } = given
  const mayAct = service.transitions[body.transition]!.by.includes(signer.role)
  require(mayAct, ResultCode.notAllowed, `the role ${signer.role} may not take this step`)
  const role = service.roles[signer.role]!
  const { account, mandate } = signer
  if (isOfficeRole(role))
    return { role: signer.role, office: officeOf(given, { signer, role }), account, signer: account, mandate }
  const principal = mandate.length === 0 ? account : principalOf(given, { account, delegation: mandate })
  return { role: signer.role, office: undefined, account: principal, signer: account, mandate: new Uint8Array(0) }
}

/** A person and his delegate are one person, as are two delegates of his. */
export function requirePersons(actors: readonly Actor[]): void {
  const persons = new Set(actors.map(({ account }) => formatHex(account)))
  require(persons.size === actors.length, ResultCode.notAllowed, 'two signers act for one person')
}

function officeOf(
  { state, block: { height } }: Given,
  { signer, role }: { readonly signer: TransactionSigner; readonly role: OfficeRole },
): string {
  const mandate = signer.mandate.length === 32 ? getMandate(state, signer.mandate) : undefined
  require(mandate && equals(mandate.account, signer.account), ResultCode.notAllowed, 'the signer has no such mandate')
  require(mandateHolds(mandate, height), ResultCode.notAllowed, 'the mandate does not hold now')
  require(mandate.role === role.post, ResultCode.notAllowed, `the step takes the post ${role.post}`)
  require(role.offices.includes(mandate.office), ResultCode.notAllowed, 'the office is not the service’s')
  require(getOffice(state, mandate.office)?.endedHeight === 0n, ResultCode.notAllowed, 'the office has ended')
  return mandate.office
}

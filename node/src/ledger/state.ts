// Typed reading and writing of the state within one transaction: an overlay that counts only when the transaction succeeds.

import {
  type AccountEntry,
  accountEntry,
  accountKey,
  type CaseEntry,
  caseEntry,
  caseKey,
  type DelegationEntry,
  decodeProcedure,
  decodeService,
  delegationEntry,
  delegationKey,
  type Hasher,
  identityEntry,
  identityKey,
  type MandateEntry,
  mandateEntry,
  mandateKey,
  type OfficeEntry,
  officeEntry,
  officeKey,
  type Procedure,
  type RecordEntry,
  type RequestEntry,
  recordEntry,
  requestEntry,
  requestKey,
  type Service,
  serviceKey,
} from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { LedgerEvent } from './application.ts'
import { readEntry, readOnce } from './entries.ts'
import type { View } from './kernel.ts'
import { nameOf } from './overlay.ts'
import { readable } from './rules.ts'

export type State = {
  readonly hasher: Hasher
  readonly get: (key: Uint8Array) => Uint8Array | undefined
  readonly put: (key: Uint8Array, value: Uint8Array) => void
  readonly remove: (key: Uint8Array) => void
  /** What was put or removed, in the order of first writing. */
  readonly writes: () => readonly Write[]
  /** Tells whoever keeps an index; counts only when the transaction succeeds, as the writes do. */
  readonly emit: (event: LedgerEvent) => void
  readonly events: () => readonly LedgerEvent[]
  /** All that another state over this one has written and told. */
  readonly take: (inner: State) => void
}

export function createState(view: View, hasher: Hasher): State {
  const overlay = new Map<string, Write>()
  const events: LedgerEvent[] = []
  const set = (write: Write): unknown => overlay.set(nameOf(write.key), write)
  return {
    hasher,
    get(key) {
      const written = overlay.get(nameOf(key))
      return written ? written.value : view.get(key)
    },
    put: (key, value) => set({ key, value }),
    remove: key => set({ key, value: undefined }),
    writes: () => [...overlay.values()],
    emit: event => events.push(event),
    events: () => events,
    take(inner) {
      inner.writes().forEach(set)
      events.push(...inner.events())
    },
  }
}

export function getAccount(state: State, account: Uint8Array): AccountEntry | undefined {
  const value = state.get(accountKey(state.hasher, account))
  return value && readEntry(accountEntry, value)
}

export function putAccount(state: State, account: Uint8Array, entry: AccountEntry): void {
  state.put(accountKey(state.hasher, account), accountEntry.encode(entry))
}

export function getOffice(state: State, office: string): OfficeEntry | undefined {
  const value = state.get(officeKey(state.hasher, office))
  return value && readEntry(officeEntry, value)
}

export function putOffice(state: State, office: string, entry: OfficeEntry): void {
  state.put(officeKey(state.hasher, office), officeEntry.encode(entry))
}

export function getMandate(state: State, mandate: Uint8Array): MandateEntry | undefined {
  const value = state.get(mandateKey(state.hasher, mandate))
  return value && readEntry(mandateEntry, value)
}

/** From the block after the appointment until its end. */
export function mandateHolds(mandate: MandateEntry | undefined, height: bigint): mandate is MandateEntry {
  if (!mandate) return false
  return mandate.fromHeight <= height && (mandate.untilHeight === 0n || height < mandate.untilHeight)
}

export function putMandate(state: State, mandate: Uint8Array, entry: MandateEntry): void {
  state.put(mandateKey(state.hasher, mandate), mandateEntry.encode(entry))
}

export function getDelegation(state: State, delegation: Uint8Array): DelegationEntry | undefined {
  const value = state.get(delegationKey(state.hasher, delegation))
  return value && readEntry(delegationEntry, value)
}

export function putDelegation(state: State, delegation: Uint8Array, entry: DelegationEntry): void {
  state.put(delegationKey(state.hasher, delegation), delegationEntry.encode(entry))
}

/** `key` is the record's state key. */
export function getRecord(state: State, key: Uint8Array): RecordEntry | undefined {
  const value = state.get(key)
  return value && readEntry(recordEntry, value)
}

export function putRecord(state: State, key: Uint8Array, entry: RecordEntry): void {
  state.put(key, recordEntry.encode(entry))
}

type ServiceFile = { readonly service: Service; readonly procedure: Procedure | undefined }

function readServiceFile(value: Uint8Array): ServiceFile {
  const service = decodeService(value)
  return { service, procedure: service.hasCases ? decodeProcedure(value) : undefined }
}

export function getService(state: State, id: string): Service | undefined {
  const value = state.get(serviceKey(state.hasher, id))
  return value && readOnce(value, readServiceFile).service
}

/** Of a service with cases. */
export function getProcedure(state: State, id: string): Procedure | undefined {
  const value = state.get(serviceKey(state.hasher, id))
  return value && readOnce(value, readServiceFile).procedure
}

export function getCase(state: State, id: Uint8Array): CaseEntry | undefined {
  const value = state.get(caseKey(state.hasher, id))
  return value && readEntry(caseEntry, value)
}

export function putCase(state: State, id: Uint8Array, entry: CaseEntry): void {
  state.put(caseKey(state.hasher, id), readable(caseEntry, entry))
}

/** On which pages weighty acts are signed; none where the network has named none. */
export function getIdentityOrigins(state: State): readonly string[] {
  const value = state.get(identityKey(state.hasher))
  return value ? readEntry(identityEntry, value).origins : []
}

export function putIdentityOrigins(state: State, origins: readonly string[]): void {
  state.put(identityKey(state.hasher), identityEntry.encode({ origins }))
}

export function getRequest(state: State, request: Uint8Array): RequestEntry | undefined {
  const value = state.get(requestKey(state.hasher, request))
  return value && readEntry(requestEntry, value)
}

export function putRequest(state: State, request: Uint8Array, entry: RequestEntry): void {
  state.put(requestKey(state.hasher, request), requestEntry.encode(entry))
}

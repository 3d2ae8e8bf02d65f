// Public counters, kept in the state so that statistics are provable: one leaf for a service, an office and a month, and one more
// for each code by which the service file keeps them apart.

import {
  type CaseState,
  counterNames,
  countersKey,
  isOfficeRole,
  monthOf,
  type Procedure,
  pairKey,
  rosterCounters,
  type Timestamp,
} from '@muniment/sdk'
import { nameOf } from './overlay.ts'
import type { State } from './state.ts'

/** Adds one to each of the counters, for the office and for its codes. */
export function count(
  state: State,
  procedure: Procedure,
  at: {
    readonly office: string
    readonly time: Timestamp
    readonly apart: readonly string[]
    readonly names: readonly string[]
  },
): void {
  const all = counterNames(procedure)
  const month = monthOf(at.time)
  for (const apart of ['', ...at.apart]) {
    const key = countersKey(state.hasher, { service: procedure.service.id, office: at.office || '-', month, apart })
    addOne(state, key, { all, names: at.names })
  }
}

/** Officials who check each other: how often any did, and the sum of the squares over the pairs, by which always the same two show. */
export function countPairs(
  state: State,
  procedure: Procedure,
  at: {
    readonly office: string
    readonly time: Timestamp
    readonly pairs: readonly (readonly [Uint8Array, Uint8Array])[]
  },
): void {
  const month = monthOf(at.time)
  const of = { service: procedure.service.id, office: at.office || '-', month }
  for (const [one, other] of at.pairs) {
    const key = pairKey(state.hasher, of, nameOf(one) < nameOf(other) ? [one, other] : [other, one])
    const value = new Uint8Array(8)
    value.set(state.get(key) ?? [])
    const view = new DataView(value.buffer)
    const before = view.getBigUint64(0)
    view.setBigUint64(0, before + 1n)
    state.put(key, value)
    const all = counterNames(procedure)
    add(state, countersKey(state.hasher, { ...of, apart: '' }), {
      all,
      more: { pairs: 1n, pairSquares: 2n * before + 1n },
    })
  }
}

/** How often officials of an office were taken off its roster, and put back: in the service by which that is done. */
export function countRoster(
  state: State,
  at: { readonly service: string; readonly office: string; readonly time: Timestamp; readonly isAbsent: boolean },
): void {
  const { service, office, time, isAbsent } = at
  const key = countersKey(state.hasher, { service, office, month: monthOf(time), apart: '' })
  addOne(state, key, { all: rosterCounters, names: [isAbsent ? 'absences' : 'returns'] })
}

function addOne(
  state: State,
  key: Uint8Array,
  { all, names }: { readonly all: readonly string[]; readonly names: readonly string[] },
): void {
  add(state, key, { all, more: Object.fromEntries(names.map(name => [name, 1n])) })
}

function add(
  state: State,
  key: Uint8Array,
  { all, more }: { readonly all: readonly string[]; readonly more: Readonly<Record<string, bigint>> },
): void {
  const value = new Uint8Array(all.length * 8)
  value.set(state.get(key) ?? [])
  const view = new DataView(value.buffer)
  for (const [name, figure] of Object.entries(more)) {
    const offset = all.indexOf(name) * 8
    view.setBigUint64(offset, view.getBigUint64(offset) + figure)
  }
  state.put(key, value)
}

/** Whether a clock that runs out here is an office's fault. */
export function waitsForOffice({ service }: Procedure, { waits }: Pick<CaseState, 'waits'>): string | undefined {
  const role = waits === undefined ? undefined : service.roles[waits]
  return isOfficeRole(role) ? role.offices[0] : undefined
}

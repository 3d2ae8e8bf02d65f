// Public counters, kept in the state so that statistics are provable: one leaf for a service, an office and a month, and one more
// for each code by which the service file keeps them apart.

import {
  type CaseState,
  counterNames,
  countersKey,
  isOfficeRole,
  monthOf,
  type Procedure,
  rosterCounters,
  type Timestamp,
} from '@muniment/sdk'
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
  const value = new Uint8Array(all.length * 8)
  value.set(state.get(key) ?? [])
  const view = new DataView(value.buffer)
  for (const name of names) {
    const offset = all.indexOf(name) * 8
    view.setBigUint64(offset, view.getBigUint64(offset) + 1n)
  }
  state.put(key, value)
}

/** Whether a clock that runs out here is an office's fault. */
export function waitsForOffice({ service }: Procedure, { waits }: Pick<CaseState, 'waits'>): string | undefined {
  const role = waits === undefined ? undefined : service.roles[waits]
  return isOfficeRole(role) ? role.offices[0] : undefined
}

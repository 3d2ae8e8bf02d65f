// Unique tags: which case of a service's family holds one, and which officials had the cases that held it.

import { type CaseEntry, limits, type Procedure, type UniqueEntry, uniqueEntry, uniqueKey } from '@muniment/sdk'
import { readEntry } from './entries.ts'
import { readable } from './rules.ts'
import type { State } from './state.ts'

type Named = { readonly name: string; readonly tag: Uint8Array }

/** A service's name without its version. */
export function familyOf(service: string): string {
  return service.split('@')[0]!
}

/** `service` with its version: all versions share their tags. */
export function getUnique(state: State, service: string, { name, tag }: Named): UniqueEntry | undefined {
  const value = state.get(uniqueKey(state.hasher, familyOf(service), { name, tag }))
  return value && readEntry(uniqueEntry, value)
}

/** Who had cases under the tag before is not forgotten with the case. */
export function putUnique(
  state: State,
  service: string,
  { name, tag, ...changes }: Named & Partial<UniqueEntry> & { readonly case: Uint8Array },
): void {
  const before = getUnique(state, service, { name, tag }) ?? { isFree: false, assigned: [] }
  state.put(uniqueKey(state.hasher, familyOf(service), { name, tag }), readable(uniqueEntry, { ...before, ...changes }))
}

/** The mandate of whoever has cases under the tag in this role. */
export function assignedBefore(state: State, service: string, held: Named, role: string): Uint8Array | undefined {
  return getUnique(state, service, held)?.assigned.find(each => each.role === role)?.mandate
}

/** He can take them no more: whoever is assigned next is the one from then on. */
export function forgetAssigned(state: State, service: string, { name, tag }: Named, role: string): void {
  const entry = getUnique(state, service, { name, tag })
  if (!entry?.assigned.some(each => each.role === role)) return
  putUnique(state, service, { ...entry, name, tag, assigned: entry.assigned.filter(each => each.role !== role) })
}

/**
 * The first who has the case in a role for which the file says `again` is the one whom new cases under the tag meet; when the case is
 * passed on he stays the one. Whoever holds the tag by now keeps it.
 */
export function rememberAssigned(
  state: State,
  { service, steps }: Procedure,
  given: { readonly entry: CaseEntry; readonly role: string; readonly mandate: Uint8Array },
): void {
  const { role, mandate, entry } = given
  const effects = Object.values(steps).flatMap(step => step.effects)
  const again = effects.flatMap(effect => ('again' in effect && effect.role === role ? [effect.again] : []))
  for (const { name, tag, fact } of entry.tags) {
    const held = fact === '' && again.includes(name) ? getUnique(state, service.id, { name, tag }) : undefined
    if (!held || held.assigned.some(each => each.role === role)) continue
    const assigned = [...held.assigned, { role, mandate }].slice(-limits.casePartiesMax)
    putUnique(state, service.id, { ...held, name, tag, assigned })
  }
}

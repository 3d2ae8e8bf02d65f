// Who holds a post in an office, and whose turn is next. Cases go round in the order of the mandates' ids, which nobody chooses.

import { compare, equals, limits, ResultCode, type RosterEntry, rosterEntry, rosterKey } from '@muniment/sdk'
import { readEntry } from './entries.ts'
import { require } from './rules.ts'
import { getMandate, mandateHolds, type State } from './state.ts'

type Post = { readonly office: string; readonly post: string }

const nobody: RosterEntry = { mandates: [], absent: [], last: new Uint8Array(0) }

function getRoster(state: State, { office, post }: Post): RosterEntry {
  const value = state.get(rosterKey(state.hasher, office, post))
  return value ? readEntry(rosterEntry, value) : nobody
}

function putRoster(state: State, { office, post }: Post, entry: RosterEntry): void {
  state.put(rosterKey(state.hasher, office, post), rosterEntry.encode(entry))
}

/** Mandates that have ended make room for new ones. */
export function joinRoster(
  state: State,
  at: Post,
  given: { readonly mandate: Uint8Array; readonly height: bigint },
): void {
  const roster = getRoster(state, at)
  const holding = roster.mandates.filter(id => mandateHolds(getMandate(state, id), given.height))
  require(holding.length < limits.rosterMax, ResultCode.quota, 'the post has too many holders')
  const mandates = [...holding, given.mandate].sort(compare)
  const absent = roster.absent.filter(id => holding.some(each => equals(each, id)))
  putRoster(state, at, { ...roster, mandates, absent })
}

/** Takes no new cases, or takes them again. */
export function setAbsent(
  state: State,
  at: Post,
  given: { readonly mandate: Uint8Array; readonly isAbsent: boolean },
): void {
  const roster = getRoster(state, at)
  const isThere = roster.mandates.some(id => equals(id, given.mandate))
  require(isThere, ResultCode.notFound, 'the mandate is not on the roster')
  const others = roster.absent.filter(id => !equals(id, given.mandate))
  const changes = others.length === roster.absent.length ? given.isAbsent : !given.isAbsent
  require(changes, ResultCode.wrongState, given.isAbsent ? 'he is absent already' : 'he is not absent')
  putRoster(state, at, { ...roster, absent: given.isAbsent ? [...others, given.mandate].sort(compare) : others })
}

export type Candidate = { readonly mandate: Uint8Array; readonly account: Uint8Array; readonly office: string }

/** Holders of a post in these offices who can take a case now, in the order of their mandates. */
export function candidates(
  state: State,
  { offices, post }: { readonly offices: readonly string[]; readonly post: string },
  height: bigint,
): readonly Candidate[] {
  const found = offices.flatMap(office => {
    const { mandates, absent } = getRoster(state, { office, post })
    return mandates.flatMap((mandate): Candidate[] => {
      const entry = getMandate(state, mandate)
      const isThere = mandateHolds(entry, height) && !absent.some(id => equals(id, mandate))
      return isThere && entry ? [{ mandate, account: entry.account, office }] : []
    })
  })
  return found.sort((left, right) => compare(left.mandate, right.mandate))
}

/** Whose turn it is among the candidates: the next behind the last. The first office's roster remembers. */
export function takeTurn(state: State, at: Post, pool: readonly Candidate[]): Candidate {
  const roster = getRoster(state, at)
  const next = pool.find(({ mandate }) => compare(mandate, roster.last) > 0) ?? pool[0]!
  putRoster(state, at, { ...roster, last: next.mandate })
  return next
}

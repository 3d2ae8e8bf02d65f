// The module Cases: how things change. A case goes from state to state by the steps of its service file; each step is taken by those
// whom the file names, under the conditions that it names, and does what it names in one transaction or not at all.

import {
  addSeconds,
  type CaseEntry,
  type CaseStep,
  caseId,
  caseVersion,
  closedServiceKey,
  empty,
  encodeCanonicalJson,
  equals,
  isPartyRole,
  type JsonObject,
  limits,
  ResultCode,
} from '@muniment/sdk'
import { readCaseId, readGiven } from './case-arguments.ts'
import { requireActors, requireGuards } from './case-guards.ts'
import { type Held, runOut, type Taking, takeStep } from './case-step.ts'
import type { BlockContext } from './kernel.ts'
import { type Act, require } from './rules.ts'
import { getCase, getProcedure, putCase, type State } from './state.ts'
import { setTimer, takeDue } from './timers.ts'

/** The operation of every service with cases. Answers the case's id. */
export function stepCase(act: Act, args: JsonObject): Uint8Array {
  const { state, body, block, service } = act
  const procedure = getProcedure(state, service.id)!
  const name = body.transition
  const step = procedure.steps[name]!
  require(step.by.length > 0, ResultCode.notAllowed, 'nobody takes this step: time does, or another service')
  const bound = act.actors.flatMap(({ role }) => (isPartyRole(service.roles[role]) ? [role] : []))
  const named = readCaseId(args, step)
  const { id, entry } = named ? findCase(act, named) : openCase(act)
  const given = readGiven(args, step, { facts: procedure.facts, bound, tags: entry.tags })
  requireState(act, { id, entry }, step)
  const taking: Taking = { state, block, procedure, id, name, step, act, given }
  requireActors(taking, entry)
  requireGuards(taking, entry)
  takeStep(taking, entry)
  return id
}

/** Looks at the clocks that may have run out, a bounded number in a block. */
export function tick(state: State, block: BlockContext): void {
  for (const id of takeDue(state, block.time)) {
    const entry = getCase(state, id)
    if (entry) waitOn(state, block, runOut(state, block, { id, entry }))
  }
}

/** A case whose clock has run out while no step could be taken is looked at again in a day: nothing is forgotten. */
function waitOn(state: State, { time }: BlockContext, { id, entry }: Held): void {
  if (!entry.dueTime || time.seconds < entry.dueTime.seconds) return
  const due = addSeconds(time, BigInt(limits.clockAgainSeconds))
  putCase(state, id, { ...entry, dueTime: due })
  setTimer(state, id, { due, now: time })
}

function openCase({ state, service, transactionId, block }: Act): Held {
  const isClosed = state.get(closedServiceKey(state.hasher, service.id)) !== undefined
  require(!isClosed, ResultCode.wrongState, `${service.id} takes no new cases`)
  const { height, time } = block
  const entry: CaseEntry = {
    service: service.id,
    state: '',
    version: 0n,
    openedHeight: height,
    openedTime: time,
    eventTime: undefined,
    stateTime: time,
    dueTime: undefined,
    pausedSeconds: 0n,
    pausedState: '',
    parties: [],
    facts: encodeCanonicalJson({}),
    committed: empty,
    acts: [],
    visited: [],
    tags: [],
    unfollowed: [],
    assignments: [],
    records: [],
    obligations: [],
    shreddedTime: undefined,
    lateTime: undefined,
  }
  return { id: caseId(state.hasher, transactionId), entry }
}

/** As it is once its clock was looked at: whoever comes too late finds the case moved (security rule 25). */
function findCase({ state, service, block }: Act, id: Uint8Array): Held {
  const entry = getCase(state, id)
  require(entry, ResultCode.notFound, 'there is no such case')
  require(entry.service === service.id, ResultCode.notFound, `the case is one of ${entry.service}`)
  return runOut(state, block, { id, entry })
}

function requireState({ body }: Act, { id, entry }: Held, { from }: CaseStep): void {
  const fits = from.length === 0 || from.includes(entry.state)
  require(fits, ResultCode.wrongState, `the case is ${entry.state}; this step leads from ${from.join(', ')}`)
  if (body.ifState.length === 0) return
  const isSame = equals(body.ifState, caseVersion(id, entry.version))
  require(isSame, ResultCode.wrongState, 'the case has moved since this was signed')
}

// Rules of states: each can be reached and left, is somebody's turn, and has a clock where an office might let it lie.

import { isOfficeRole } from '../service.ts'
import { unsignedFaults } from '../unsigned.ts'
import { error, isForCitizens, type Linted, type LintFinding, type LintRule, stepsOf, warning } from './finding.ts'
import { movesFrom, openings, reachable, reachableFrom, recordAfter, recordStates } from './paths.ts'

export const stateRules: readonly LintRule[] = [
  openingRule,
  reachRule,
  stepReachRule,
  leaveRule,
  turnRule,
  unsignedRule,
]

function openingRule({ procedure }: Linted): readonly LintFinding[] {
  if (openings(procedure).length > 0) return []
  return [error('no-opening', 'transitions', 'No step opens a case: give one a "to" and a "by" and no "from".')]
}

function reachRule({ procedure }: Linted): readonly LintFinding[] {
  const seen = reachable(procedure)
  return Object.keys(procedure.states)
    .filter(name => !seen.has(name))
    .map(name =>
      error('state-unreached', `states.${name}`, `No case ever gets to ${name}: lead a step to it, or take it out.`),
    )
}

function stepReachRule({ procedure }: Linted): readonly LintFinding[] {
  const seen = reachable(procedure)
  const taken = new Set([
    ...openings(procedure).map(({ name }) => name),
    ...[...seen].flatMap(state => movesFrom(procedure, state).map(({ name }) => name)),
  ])
  return Object.keys(procedure.steps)
    .filter(name => !taken.has(name))
    .map(name => {
      const isSigned = procedure.steps[name]!.by.length > 0
      const mend = isSigned
        ? 'add a state that cases reach to its "from"'
        : 'say who signs it, or let a clock or a link take it'
      return error('step-unreached', `transitions.${name}`, `Nobody can ever take ${name}: ${mend}, or take it out.`)
    })
}

/** A case comes to its end, whoever does nothing. */
function leaveRule({ procedure }: Linted): readonly LintFinding[] {
  const findings: LintFinding[] = []
  for (const [name, state] of Object.entries(procedure.states)) {
    const place = `states.${name}`
    if (state.isFinal) {
      if (state.clock)
        findings.push(warning('final-clock', place, `${name} is final and has a clock: take one of them out.`))
      continue
    }
    const exits = movesFrom(procedure, name).filter(({ to }) => to !== name)
    const isOpen = state.clock !== undefined || exits.some(({ step }) => isForCitizens(procedure, step))
    if (!isOpen)
      findings.push(
        error(
          'state-stuck',
          place,
          `A case can lie in ${name} for ever: give it a clock, or a step that a citizen may take.`,
        ),
      )
    const ends = [...reachableFrom(procedure, [name])].some(each => procedure.states[each]!.isFinal)
    if (!ends)
      findings.push(
        error('state-endless', place, `No way leads from ${name} to a final state: add one, or make it final.`),
      )
  }
  return findings
}

function turnRule({ procedure }: Linted): readonly LintFinding[] {
  const findings: LintFinding[] = []
  for (const [name, { waits, isFinal, clock }] of Object.entries(procedure.states)) {
    if (isFinal) continue
    const place = `states.${name}`
    if (waits === undefined) {
      if (clock === undefined)
        findings.push(
          error('state-waits', place, `Nobody's turn is it in ${name}: name a role, in "waits", or give it a clock.`),
        )
      continue
    }
    const isOffice = isOfficeRole(procedure.service.roles[waits])
    if (isOffice && clock === undefined)
      findings.push(
        error(
          'office-clock',
          place,
          `${name} waits for ${waits} without end: give it a clock and say what happens then.`,
        ),
      )
    const moves = movesFrom(procedure, name).filter(({ step }) => step.by.includes(waits))
    if (moves.length === 0)
      findings.push(
        error(
          'state-waits',
          `${place}.waits`,
          `${name} waits for ${waits}, who can take no step there: add one, name who can, or leave "waits" out where only time is waited for.`,
        ),
      )
  }
  return findings
}

/** What a block must be able to do by itself, with the case's record as it can be then. */
function unsignedRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  const faults = unsignedFaults(procedure).map(({ code, place, sentence }) => error(code, place, sentence))
  const records = recordStates(procedure)
  const fails = stepsOf(linted).flatMap(([name, step]): readonly LintFinding[] => {
    if (step.by.length > 0 || procedure.links.some(link => link.step === name)) return []
    const bad = step.from.find(state =>
      [...(records.get(state) ?? [])].some(each => recordAfter(step, each) === undefined),
    )
    if (bad === undefined) return []
    const sentence = `In ${bad} the record may be such that ${name} cannot change it, and the clock would stop: split the state, or the step.`
    return [error('clock-may-stop', `transitions.${name}.do`, sentence)]
  })
  return [...faults, ...fails]
}

// Rules against corruption: who may not act alone, who may not act twice, and to whom the loser can go (services.md, 5).

import type { Effect } from '../effects.ts'
import { isOfficeRole, isPartyRole } from '../service.ts'
import type { OfficeRole } from '../service-acts.ts'
import type { CaseStep } from '../steps.ts'
import {
  error,
  isForCitizens,
  isOneOfficial,
  type Linted,
  type LintFinding,
  type LintRule,
  officeRoles,
  stepsOf,
  warning,
} from './finding.ts'
import { movesFrom, openings, reachableFrom } from './paths.ts'

export const peopleRules: readonly LintRule[] = [
  twoPersonsRule,
  sameHandsRule,
  appealRule,
  apartRule,
  assignRule,
  drawRule,
  reasonRule,
]

const weighty: readonly Effect['do'][] = [
  'obligations.refund',
  'obligations.waive',
  'obligations.enforce',
  'records.revoke',
  'catalogue.activate',
]

/** A clock or a link may: by then the law has decided, and nobody chooses whom it meets. */
function twoPersonsRule(linted: Linted): readonly LintFinding[] {
  return stepsOf(linted).flatMap(([name, step]) => {
    const effect = step.effects.find(each => weighty.includes(each.do))
    if (!effect || !isOneOfficial(linted.procedure, step)) return []
    // Two have agreed on the file itself before, whose hash was laid open.
    if (effect.do === 'catalogue.activate' && isAgreedByTwo(linted, step)) return []
    const sentence = `One official alone could do ${effect.do} by ${name}: set "persons: 2", or "together: true" with two roles.`
    return [error('two-persons', `transitions.${name}`, sentence)]
  })
}

/** Whether no way leads to the step but by one that two persons sign. */
function isAgreedByTwo({ procedure }: Linted, { from }: CaseStep): boolean {
  const alone = new Set(openings(procedure).flatMap(({ step, to }) => (step.persons < 2 ? [to] : [])))
  for (const state of alone) for (const { step, to } of movesFrom(procedure, state)) if (step.persons < 2) alone.add(to)
  return from.length > 0 && from.every(state => !alone.has(state))
}

function sharesPost(one: OfficeRole, other: OfficeRole): boolean {
  return one.post === other.post && one.offices.some(office => other.offices.includes(office))
}

/** Nobody opens a case and grants it too. */
function sameHandsRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  return stepsOf(linted).flatMap(([name, step]): readonly LintFinding[] => {
    const grants = step.effects.some(({ do: effect }) => effect === 'records.issue' || effect === 'records.replace')
    if (!grants || !isOneOfficial(procedure, step)) return []
    const granting = officeRoles(procedure, step.by)
    const own = openings(procedure).find(
      opening =>
        !step.notBy.includes(opening.name) &&
        officeRoles(procedure, opening.step.by).some(role => granting.some(each => sharesPost(each, role))),
    )
    if (!own) return []
    const sentence = `Whoever opened a case by ${own.name} could grant it by ${name}: add "notBy: [${own.name}]", or a second person.`
    return [error('same-hands', `transitions.${name}`, sentence)]
  })
}

type Choosing = Extract<Effect, { do: 'cases.assign' | 'cases.draw' }>

function choosesOfficial(effect: Effect): effect is Choosing {
  return effect.do === 'cases.assign' || effect.do === 'cases.draw'
}

/** Whom a step hands the case to: the office that its state waits for, and the officials whom it assigns. */
function officesBehind({ procedure }: Linted, step: CaseStep, state: string): readonly string[] {
  const waits = procedure.states[step.to ?? state]!.waits
  const assigned = step.effects.flatMap(effect => (choosesOfficial(effect) ? [effect.role] : []))
  const names = [...(waits === undefined ? [] : [waits]), ...assigned]
  return officeRoles(procedure, names).flatMap(({ offices }) => offices)
}

function appealRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  return stepsOf(linted).flatMap(([name, step]): readonly LintFinding[] => {
    if (!step.adverse) return []
    const own = officeRoles(procedure, step.by).flatMap(({ offices }) => offices)
    const after = step.to === undefined ? step.from : [step.to]
    const isOpen = after.every(first =>
      [...reachableFrom(procedure, [first])].some(state =>
        movesFrom(procedure, state).some(
          move =>
            move.step.appeals &&
            isForCitizens(procedure, move.step) &&
            officesBehind(linted, move.step, state).some(office => !own.includes(office)),
        ),
      ),
    )
    if (isOpen) return []
    const sentence = `Behind ${name}, which is adverse, no citizen can appeal to another office: lead a step with "appeals: true" from its state to one.`
    return [error('no-appeal', `transitions.${name}`, sentence)]
  })
}

function apartRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  return stepsOf(linted).flatMap(([name, step]): readonly LintFinding[] => {
    const place = `transitions.${name}`
    const roles = officeRoles(procedure, step.by)
    const offices = new Set(roles.flatMap(role => role.offices))
    if (step.notBy.some(each => procedure.steps[each]!.by.length === 0))
      return [
        error(
          'not-by-nobody',
          `${place}.notBy`,
          `${name} excludes who took a step that nobody signs: name a signed one.`,
        ),
      ]
    if (!step.apart) return []
    if (step.persons < 2)
      return [
        error('apart-alone', `${place}.apart`, `${name} takes one person, who is apart from nobody: set "persons: 2".`),
      ]
    if (offices.size < 2)
      return [
        error(
          'apart-never',
          `${place}.apart`,
          `All who may take ${name} are of one office: name a second one, or leave "apart" out.`,
        ),
      ]
    const all = roles.flatMap(role => role.offices)
    const isIdle = step.together && all.length === offices.size && roles.every(role => role.offices.length === 1)
    if (!isIdle) return []
    return [
      warning(
        'apart-idle',
        `${place}.apart`,
        `Who takes ${name} together is of different offices anyway: leave "apart" out.`,
      ),
    ]
  })
}

function assignRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  const steps = stepsOf(linted)
  const assignments = steps.flatMap(([name, step]) =>
    step.effects.flatMap((effect, at) => (choosesOfficial(effect) ? [{ name, step, effect, at }] : [])),
  )
  const findings: LintFinding[] = []
  for (const { name, step, effect, at } of assignments) {
    const place = `transitions.${name}.do.${at}`
    if (!isOfficeRole(procedure.service.roles[effect.role]))
      findings.push(error('assign-party', place, `Only officials are assigned, and ${effect.role} is none.`))
    for (const other of [...effect.apartFrom, ...effect.notBy])
      if (!Object.hasOwn(procedure.steps, other))
        findings.push(error('assign-unknown', place, `There is no step ${other} to keep away from.`))
    const states = step.to === undefined ? step.from : [step.to]
    const can = states.some(state => movesFrom(procedure, state).some(move => move.step.by.includes(effect.role)))
    if (!can)
      findings.push(
        error(
          'assign-idle',
          place,
          `${name} assigns ${effect.role}, who can take no step then: let one of his lead from there.`,
        ),
      )
  }
  const assigned = new Set(assignments.map(({ effect }) => effect.role))
  for (const [name, step] of steps)
    if (step.assigned && step.by.some(role => isOfficeRole(procedure.service.roles[role]) && !assigned.has(role)))
      findings.push(
        error(
          'assigned-nobody',
          `transitions.${name}.assigned`,
          `No step assigns ${step.by.join(' or ')}, so nobody could take ${name}: add cases.assign or cases.draw.`,
        ),
      )
  return findings
}

/** Posts whose judgement a bent draw would buy, and those who only find out what is so, whom an appeal stands behind. */
const judgingPosts = /(^|-)(judge|reviewer|auditor|arbiter|arbitrator|ombudsman)(-|$)/
const findingPosts = /(^|-)(inspector|examiner|assessor)(-|$)/

/** Whoever proposes a block can bend a draw by leaving out its turn, and a single operator knows all values (security rule 27). */
function drawRule(linted: Linted): readonly LintFinding[] {
  return stepsOf(linted).flatMap(([name, step]) =>
    step.effects.flatMap((effect, at): readonly LintFinding[] => {
      if (effect.do !== 'cases.draw' || !judges(linted, effect.role)) return []
      const sentence = `${name} draws ${effect.role}, who judges or reviews: whoever makes the blocks could bend that. Assign by turn instead: "do: cases.assign, how: rota".`
      return [error('draw', `transitions.${name}.do.${at}`, sentence)]
    }),
  )
}

/** Whether a role decides against somebody, or over what another office decided. */
function judges({ procedure }: Linted, name: string): boolean {
  const role = procedure.service.roles[name]
  if (!isOfficeRole(role) || judgingPosts.test(role.post)) return true
  const heard = appealStates(procedure)
  const steps = Object.values(procedure.steps).filter(({ by }) => by.includes(name))
  const isOnAppeal = steps.some(({ from }) => from.some(state => heard.has(state)))
  return isOnAppeal || (!findingPosts.test(role.post) && steps.some(({ adverse }) => adverse))
}

/** States that an appeal leads to, and those that time alone leads on to. */
function appealStates(procedure: Linted['procedure']): ReadonlySet<string> {
  const appeals = Object.values(procedure.steps).filter(step => step.appeals)
  const states = new Set(appeals.flatMap(({ to, from }) => (to === undefined ? from : [to])))
  for (const state of states)
    for (const { step, to } of movesFrom(procedure, state)) if (step.by.length === 0) states.add(to)
  return states
}

/** What goes against somebody is founded. */
function reasonRule(linted: Linted): readonly LintFinding[] {
  return stepsOf(linted).flatMap(([name, step]) => {
    const enforces = step.effects.some(effect => effect.do === 'obligations.enforce')
    if ((!step.adverse && !enforces) || step.by.length === 0 || step.reasons.length > 0) return []
    const what = enforces ? 'enforces what is owed' : 'is adverse'
    return [
      error('no-reason', `transitions.${name}`, `${name} ${what} and gives no reason: list the codes, in "reasons".`),
    ]
  })
}

/** Nobody learns that such a case exists: its parties act under accounts that were made for it alone. */
export function privateRule({ procedure, json }: Linted): readonly LintFinding[] {
  if (json.existence !== 'private') return []
  const { service } = procedure
  const findings: LintFinding[] = []
  for (const { name, step } of openings(procedure)) {
    for (const role of [...new Set([...step.by, ...step.parties])]) {
      const held = service.roles[role]
      if (isPartyRole(held) && held.party !== 'fresh')
        findings.push(
          error(
            'existence-party',
            `roles.${role}`,
            `That a case exists is private, and ${role} opens one: set "party: fresh".`,
          ),
        )
      if (held === 'anyone')
        findings.push(
          error(
            'existence-party',
            `roles.${role}`,
            `That a case exists is private: ${role} must be a party, "party: fresh".`,
          ),
        )
    }
    if (step.unique.length > 0)
      findings.push(
        error(
          'existence-unique',
          `transitions.${name}.unique`,
          'A tag that nobody else may have tells that a case exists: leave it out.',
        ),
      )
  }
  for (const [name, step] of Object.entries(procedure.steps))
    if (step.effects.some(effect => 'holder' in effect && effect.holder !== undefined))
      findings.push(
        error(
          'existence-holder',
          `transitions.${name}.do`,
          'A record that names its holder tells that a case exists: leave "holder" out.',
        ),
      )
  return findings
}

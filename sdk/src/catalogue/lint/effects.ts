// Rules of effects: each fits the module that does it, is named before it is used, and reckons by dated tables.

import { type Effect, effectFormula } from '../effects.ts'
import type { Formula } from '../facts.ts'
import type { Expression } from '../guard/syntax.ts'
import { error, type Linted, type LintFinding, type LintRule, officeRoles, stepsOf, warning } from './finding.ts'
import { movesFrom, openings, type RecordState, recordAfter, recordStates } from './paths.ts'

export const effectRules: readonly LintRule[] = [
  recordRule,
  freedRule,
  issuerRule,
  obligationRule,
  planRule,
  rateRule,
  tableRule,
]

function recordRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  const records = recordStates(procedure)
  return stepsOf(linted).flatMap(([name, step]): readonly LintFinding[] => {
    const place = `transitions.${name}.do`
    const effect = step.effects.find(each => each.do.startsWith('records.'))
    if (effect === undefined) return []
    if (procedure.service.type === undefined)
      return [error('no-type', 'type', `${name} does ${effect.do}, and the file names no type of record: add "type".`)]
    const before =
      step.from.length === 0 ? ['none' as const] : step.from.flatMap(state => [...(records.get(state) ?? [])])
    const fits = before.filter(each => recordAfter(step, each) !== undefined)
    if (before.length > 0 && fits.length === 0)
      return [
        error(
          'record-never',
          place,
          `In none of the states before ${name} is there a record that ${effect.do} could change.`,
        ),
      ]
    const isGuarded = step.guards.length > 0 || step.by.length === 0
    // A guard may see to it, and a record that ends by itself makes room.
    const isSecond = step.effects.some(
      each => each.do === 'records.issue' && each.validSecondsMax === undefined && before.some(hasOne),
    )
    if (isSecond && !isGuarded && step.timesMax === 0)
      return [
        error(
          'record-twice',
          place,
          `A case can get to ${name} with a record still in force or suspended: replace it ("records.replace"), or lead there only after it is revoked.`,
        ),
      ]
    if (before.includes('none') && recordAfter(step, 'none') === undefined && !isGuarded)
      return [
        error(
          'record-early',
          place,
          `A case can get to ${name} before any record is issued: issue it before, or add a condition.`,
        ),
      ]
    return []
  })
}

function hasOne(record: RecordState): boolean {
  return record === 'current' || record === 'suspended'
}

/** Who signs first issues the record, and says what was paid. */
function issuerRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  return stepsOf(linted).flatMap(([name, { together, by, effects }]): readonly LintFinding[] => {
    const effect = effects.find(each => ['records.issue', 'records.replace', 'obligations.pay'].includes(each.do))
    const isOffice = (role: string): boolean => officeRoles(procedure, [role]).length > 0
    if (!effect || !together || isOffice(by[0]!) || !by.some(isOffice)) return []
    const sentence = `${effect.do} is done in the name of who signs first, and in ${name} that is ${by[0]!}, of no office: put the office's role first in "by".`
    return [error('issuer-first', `transitions.${name}.by`, sentence)]
  })
}

/** Whoever gets a second case while the record of the first is in force has two. */
function freedRule({ procedure }: Linted): readonly LintFinding[] {
  return [...recordStates(procedure)].flatMap(([state, records]): readonly LintFinding[] => {
    if (!procedure.states[state]!.frees || ![...records].some(hasOne)) return []
    const sentence = `In ${state} a record can be in force, and its tags are free for another case: let what leads to ${state} revoke the record ("ifInForce: true" where there may be none), or leave "frees" out.`
    return [error('record-freed', `states.${state}`, sentence)]
  })
}

type Owed = Extract<Effect, { name: string }>

function owedOf(effects: readonly Effect[]): readonly Owed[] {
  return effects.filter((effect): effect is Owed => effect.do.startsWith('obligations.'))
}

function obligationRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  const all = stepsOf(linted).flatMap(([name, step]) => owedOf(step.effects).map(effect => ({ name, step, effect })))
  const assessed = all.filter(({ effect }) => effect.do === 'obligations.assess')
  const findings: LintFinding[] = []
  for (const { name, effect } of all)
    if (!assessed.some(each => each.effect.name === effect.name))
      findings.push(
        error(
          'owed-unknown',
          `transitions.${name}.do`,
          `${name} does ${effect.do} of ${effect.name}, which no step assesses: assess it before.`,
        ),
      )
  for (const { name, effect } of assessed) {
    if (effect.do !== 'obligations.assess') continue
    const place = `transitions.${name}.do`
    const pays = all.filter(each => each.effect.do === 'obligations.pay' && each.effect.name === effect.name)
    const cashes = pays.some(({ step }) =>
      officeRoles(procedure, step.by).some(role => role.offices.includes(effect.creditor)),
    )
    if (!cashes)
      findings.push(
        error(
          'owed-unpaid',
          place,
          `Nobody of ${effect.creditor} can say that ${effect.name} was paid: add a step with obligations.pay, by that office.`,
        ),
      )
    if (!pays.some(pay => isBehind(linted, name, pay.name)))
      findings.push(
        warning('owed-early', place, `No way leads from ${name} to a step that takes the payment of ${effect.name}.`),
      )
  }
  return findings
}

function isBehind({ procedure }: Linted, first: string, then: string): boolean {
  const step = procedure.steps[first]!
  const seen = new Set(step.to === undefined ? step.from : [step.to])
  for (const state of seen)
    for (const { name, to } of movesFrom(procedure, state)) {
      if (name === then) return true
      seen.add(to)
    }
  return openings(procedure).some(({ name }) => name === then && name === first)
}

/** A plan that nobody looks after is a waiver. */
function planRule(linted: Linted): readonly LintFinding[] {
  const steps = stepsOf(linted)
  const asks = (name: string): boolean =>
    steps.some(([, { guards }]) =>
      guards.some(({ expression }) => /\bbehind\(\s*['"](\w+)['"]\s*\)/.exec(expression.guard.text)?.[1] === name),
    )
  return steps.flatMap(([name, step]) =>
    step.effects.flatMap((effect, at): readonly LintFinding[] => {
      if (effect.do !== 'obligations.plan' || asks(effect.name)) return []
      const sentence = `Nothing happens when a part of ${effect.name} is not paid: add a step, of a clock or an office, with a condition on behind('${effect.name}').`
      return [error('plan-unwatched', `transitions.${name}.do.${at}`, sentence)]
    }),
  )
}

/** Whatever is owed comes from a table with a date: no amount stands in a step, and no rate of interest does. */
function rateRule(linted: Linted): readonly LintFinding[] {
  const tables = Object.keys(linted.procedure.tables)
  return stepsOf(linted).flatMap(([name, step]) =>
    step.effects.flatMap((effect, at): readonly LintFinding[] => {
      const place = `transitions.${name}.do.${at}`
      const isDated = (rate: Formula): boolean =>
        !hasNumber(rate.guard.root) && tables.some(table => rate.guard.text.includes(`${table}(`))
      if (effect.do === 'obligations.interest' && !isDated(effect.rate))
        return [
          error(
            'rate-undated',
            `${place}.rate`,
            `The rate of interest in ${name} has no date: take it from one of "tables", with the article that says so.`,
          ),
        ]
      const amount: Formula | undefined = 'amount' in effect ? effect.amount : undefined
      if (!amount || !hasNumber(amount.guard.root)) return []
      const sentence = `An amount stands in ${name} itself, without a date: move it to "tables", with the article that says so.`
      return [error('rate-undated', `${place}.amount`, sentence)]
    }),
  )
}

function hasNumber(of: Expression): boolean {
  switch (of.kind) {
    case 'literal':
      return typeof of.value === 'bigint' && of.value !== 0n
    case 'binary':
      return hasNumber(of.left) || hasNumber(of.right)
    case 'choice':
      return hasNumber(of.yes) || hasNumber(of.no)
    case 'negative':
      return hasNumber(of.of)
    case 'call':
      return of.parameters.some(hasNumber)
    default:
      return false
  }
}

function tableRule({ procedure }: Linted): readonly LintFinding[] {
  const guards = Object.values(procedure.steps).flatMap(step => [
    ...step.guards.map(({ expression }) => expression),
    ...step.effects.flatMap(effect => effectFormula(effect) ?? []),
  ])
  return Object.entries(procedure.tables).flatMap(([name, { basis }]): readonly LintFinding[] => {
    const findings: LintFinding[] = []
    if (basis === '')
      findings.push(error('table-basis', `tables.${name}`, `Say which article sets ${name}, in "basis".`))
    if (!guards.some(({ guard }) => guard.text.includes(`${name}(`)))
      findings.push(warning('table-idle', `tables.${name}`, `No step asks ${name}: call it, or take it out.`))
    return findings
  })
}

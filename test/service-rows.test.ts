// The files of the ten services have every state and every guard of the specification, under names of their own. A line here says which;
// a state that a register shows by another thing than a state says by which.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type CaseStep, decodeProcedure, encodeCanonicalJson, type Procedure } from '@muniment/sdk'
import { readServiceFile } from '../node/src/catalogue.ts'

type Row = {
  readonly file: string
  /** State of the specification: states of the file, or a step where the file holds it as one. */
  readonly states: Readonly<Record<string, readonly string[]>>
  /** Code of the specification: a step that has it. What it is by is asked for below. */
  readonly codes: Readonly<Record<string, readonly string[]>>
}

const rows: Readonly<Record<string, Row>> = {
  '12 business licence': {
    file: 'business-licensing',
    states: {
      filed: ['filed'],
      complete: ['complete'],
      'parallel opinions': ['step fireOpinion', 'step healthOpinion', 'step inspect'],
      granted: ['owed', 'granted'],
      refused: ['refused'],
      conditional: ['conditional'],
      renewed: ['step renew'],
      suspended: ['suspended', 'suspensionEscalated', 'unmet'],
      revoked: ['revoked'],
    },
    codes: {
      FEE: ['accept', 'renew'],
      SLA: ['grantBySilence', 'escalate'],
      DRAW: ['accept'],
      REAS: ['refuse', 'revoke'],
    },
  },
  '23 professional licence': {
    file: 'professional-licence',
    states: {
      applied: ['applied'],
      'credentials checked': ['checked'],
      exam: ['checked', 'step pass'],
      licensed: ['licensed'],
      CPD: ['step attestTraining'],
      renewed: ['step renew'],
      complaint: ['step complain'],
      inquiry: ['inquiry'],
      suspended: ['suspended'],
      struck: ['struckOff'],
      restored: ['step restore', 'step courtRestore'],
      employer: ['step employ'],
    },
    codes: {
      ATTEST: ['attestDegree'],
      DRAW: ['check'],
      'k/n': ['boardPass', 'strikeOff'],
      NOC: ['strikeOff'],
      REAS: ['strikeOff'],
    },
  },
  '24 fine': {
    file: 'traffic-fine',
    states: {
      issued: ['issued'],
      overdue: ['overdue'],
      review: ['review'],
      court: ['court'],
      paid: ['paid'],
      cancelled: ['cancelled'],
      enforced: ['enforced'],
    },
    codes: {
      FEE: ['settle'],
      SLA: ['cancelBySilence', 'escalate'],
      UNQ: ['issue'],
      'DRAW, by turn': ['contest', 'appeal'],
      REAS: ['uphold', 'cancel', 'waive'],
      'k/n': ['waive', 'seize'],
      ORD: ['seize'],
      INSTALMENTS: ['agreeInstalments'],
      INTEREST: ['fallOverdue', 'breakPlan', 'confirm'],
    },
  },
  '19 birth': {
    file: 'birth',
    states: {
      notified: ['notified'],
      declared: ['declared'],
      'dedup check': ['unique', 'step attestUnique'],
      registered: ['registered'],
      corrected: ['correcting', 'step correct'],
      'late registration': ['step registerLate'],
    },
    codes: {
      UNQ: ['notify', 'declareAtHome'],
      '4E': ['registerLate', 'superviseRegister', 'correct'],
      ATTEST: ['attestUnique', 'attestEvidence'],
      SLA: ['register', 'escalate'],
    },
  },
  '20 death': {
    file: 'death',
    states: {
      notified: ['reported'],
      certified: ['certified'],
      registered: ['registered', 'settled'],
      corrected: ['step correct'],
      'revoked (alive)': ['alive'],
      coroner: ['inquest', 'step certifyByCoroner'],
      'pension first': ['step certify', 'step certifyInHospital', 'step certifyByCoroner'],
    },
    codes: {
      PENSION: ['certify', 'certifyInHospital', 'certifyByCoroner', 'withdrawCertificate'],
      LIC: ['certify', 'certifyInHospital'],
      '4E': ['register'],
      TL: ['settle'],
      PROTEST: ['protest'],
    },
  },
  '18 will': {
    file: 'will',
    states: {
      sealed: ['sealed'],
      superseded: ['superseded'],
      withdrawn: ['withdrawn'],
      'triggered by death record': ['locked'],
      opened: ['opened'],
      'contested window': ['contested', 'uncontested'],
      executed: ['executed'],
      acceptance: ['step acceptInheritance'],
      renunciation: ['step renounce'],
      'two witnesses': ['step sealBeforeWitnesses'],
    },
    codes: {
      LIVE: ['seal', 'sealBeforeWitnesses'],
      TL: ['open'],
      ORD: ['orderOpening'],
      ATTEST: ['clearWitnesses'],
      NEWEST: ['supersede'],
    },
  },
  '14 voter roll': {
    file: 'voter-roll',
    states: {
      'auto-entered': ['proposed', 'step propose'],
      current: ['current'],
      moved: ['step move'],
      suspended: ['suspended'],
      'removed by death': ['stayedByDeath', 'endedByDeath'],
      'objection window': ['objected', 'heard'],
    },
    codes: {
      LIVE: ['enter', 'boardEnter'],
      ORD: ['suspend'],
      NOTICE: ['giveNotice'],
      TL: ['enter', 'object', 'move'],
      FREEZE: ['enter', 'object', 'move'],
    },
  },
  '13 passport': {
    file: 'passport',
    states: {
      applied: ['applied'],
      'identity checked': ['checked'],
      produced: ['producing', 'ready'],
      'handed over': ['step handOver'],
      current: ['current'],
      'lost/stolen': ['lost'],
      replaced: ['step replace'],
      expired: ['expired'],
      border: ['seized', 'step giveBack', 'step cancelSeized'],
    },
    codes: { '4E': ['establish', 'seizeAtBorder', 'cancelSeized'], UNQ: ['establish'], FEE: ['approve'], ORD: ['bar'] },
  },
  '13 travel ban, hidden': {
    file: 'travel-ban',
    states: { ordered: ['ordered', 'contested'], ended: ['ended'], border: ['step stopAtBorder'] },
    codes: { ORD: ['order', 'prolong'], HIDDEN: ['order'] },
  },
  '22 insurance claim': {
    file: 'insurance-claim',
    states: {
      filed: ['filed'],
      acknowledged: ['acknowledged'],
      assessed: ['assessed'],
      offer: ['offered'],
      accepted: ['accepted'],
      paid: ['paid'],
      refused: ['refused'],
      review: ['review'],
      ombudsman: ['review', 'decided'],
      court: ['court'],
      repairer: ['repairing', 'step confirmRepair'],
      police: ['step attachReport', 'step lookAgain'],
    },
    codes: {
      LIC: ['file', 'attachReport'],
      SLA: ['escalateFiled'],
      DRAW: ['acknowledge'],
      NOC: ['assess'],
      UNQ: ['file'],
    },
  },
  '31 criminal record batch': {
    file: 'criminal-record-batch',
    // Charged, decided, final, sentence run and rehabilitated are states of a person: they stand in no leaf, but in batches with decoys.
    states: {
      'in batches': ['sent', 'acknowledged', 'received', 'differs', 'void'],
      'sealed by clock': ['step fallDue', 'toSeal', 'sealed'],
      pardoned: ['step sendPardons'],
      'receipts on both sides': ['step receive', 'step countersign'],
    },
    codes: { '4E': ['send', 'sendPardons', 'countersign', 'seal', 'annul'], SLA: ['fallDue'] },
  },
  '31 criminal record extract': {
    file: 'criminal-record-extract',
    states: { 'purpose-bound extract': ['asked', 'issued', 'ended'], correction: ['disputed', 'corrected'] },
    codes: { ORD: ['orderCorrection', 'correct'], '4E': ['correct'], PURPOSE: ['ask'], FRESH: ['ask'] },
  },
}

/** What in a step is each guard of the specification, where no code of the file says it. */
const isBy: Readonly<Record<string, (name: string, step: CaseStep, procedure: Procedure) => boolean>> = {
  '4E': (_, step) => step.persons > 1 || step.notBy.length > 0,
  'k/n': (_, step) => step.persons > 1,
  DRAW: (_, step) => step.effects.some(effect => effect.do === 'cases.draw'),
  // Who judges or reviews is not drawn while a draw can be bent: a turn stands in for it, and says so (security rule 27).
  'DRAW, by turn': (_, step) => step.effects.some(effect => effect.do === 'cases.assign'),
  UNQ: (_, step) => step.unique.length > 0,
  INSTALMENTS: (_, step) => step.effects.some(effect => effect.do === 'obligations.plan'),
  INTEREST: (_, step) => step.effects.some(effect => effect.do === 'obligations.interest'),
  REAS: (_, step) => step.reasons.length > 0,
  LIC: (_, step) => step.needs.length > 0,
  ATTEST: (_, step) => step.attests !== undefined,
  // A fact for the pension, before the registrar's for passport, licence and will.
  PENSION: (_, step) => step.emits.includes('pension'),
  // By the record of another service: while it is suspended, nothing moves.
  FREEZE: (_, step) => step.needs.some(({ type }) => type === 'urn:example:roll-open'),
  NEWEST: (name, _, { links }) => links.some(link => link.step === name && link.fact.startsWith('civil.will/seal')),
  // Every step of an official: he is no party of the case. What he is assigned or shares besides is a condition more.
  NOC: (_, step) => step.assigned || step.persons > 1,
  // A clock takes it.
  SLA: (name, _, { states }) => Object.values(states).some(({ clock }) => clock?.next.includes(name)),
  TL: (name, _, { states }) => Object.values(states).some(({ clock }) => clock?.next.includes(name)),
  PROTEST: (_, step) => step.appeals,
  NOTICE: (_, step, { states }) => step.adverse && states[step.to!]!.clock !== undefined,
  // Nobody learns that there is one: no index tells of it, and its subject has an account for it alone.
  HIDDEN: (_, step, { isPrivate, service }) =>
    isPrivate && step.parties.every(role => JSON.stringify(service.roles[role]) === '{"party":"fresh"}'),
  PURPOSE: (_, step) => step.asks.includes('purpose'),
  FRESH: (_, step, { service }) => step.by.every(role => JSON.stringify(service.roles[role]) === '{"party":"fresh"}'),
}

function hasCode(procedure: Procedure, name: string, code: string): boolean {
  const step = procedure.steps[name]!
  const isCoded = Object.values(step.codes).includes(code) || step.guards.some(guard => guard.code === code)
  return isCoded || isBy[code]?.(name, step, procedure) === true
}

for (const [title, { file, states, codes }] of Object.entries(rows)) {
  const path = join(fileURLToPath(new URL('../services', import.meta.url)), `${file}.yaml`)
  const procedure = decodeProcedure(encodeCanonicalJson(readServiceFile(path)))

  test(`${title}: every state of its row is in the file`, () => {
    const named = Object.values(states).flat()
    const missing = named.filter(name =>
      name.startsWith('step ') ? !procedure.steps[name.slice(5)] : !procedure.states[name],
    )
    assert.deepEqual(missing, [])
  })

  test(`${title}: every guard of its row is in the file`, () => {
    const missing = Object.entries(codes).flatMap(([code, steps]) =>
      steps.filter(name => !procedure.steps[name] || !hasCode(procedure, name, code)).map(name => `${code} in ${name}`),
    )
    assert.deepEqual(missing, [])
  })
}

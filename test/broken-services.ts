// biome-ignore-all lint/suspicious/noThenProperty: what a clock does stands under that name
// A file for each rule of the linter that breaks it: what is done to the traffic fine, and where the finding then points.

import type { JsonObject } from '@muniment/sdk'

// biome-ignore lint/suspicious/noExplicitAny: a file is broken at any place
export type Loose = any

function renamePlace({ fields, transitions }: Loose, name: string): void {
  fields[1].name = name
  transitions.issue.asks = ['offence', name]
}

/** The steps of a fine that issues records. */
function issuing(file: Loose): Loose {
  file.type = 'urn:example:fine'
  return file.transitions
}

export const label = { en: 'Example', ar: 'مثال' }
const noLabel = { en: 'Example' }
export const step = (more: JsonObject): JsonObject => ({ label, ...more })

/** By code: where the finding points, and what was done to the file. */
export const table: readonly (readonly [string, string, (file: Loose) => void])[] = [
  ['no-opening', 'transitions', ({ transitions }) => (transitions.issue.from = ['issued'])],
  ['state-unreached', 'states.lost', ({ states }) => (states.lost = { final: true, label })],
  [
    'step-unreached',
    'transitions.nobody',
    ({ transitions }) => (transitions.nobody = step({ from: ['paid'], to: 'paid' })),
  ],
  ['final-clock', 'states.paid', ({ states }) => Object.assign(states.paid, { clock: 'P1D', then: 'fallOverdue' })],
  ['state-stuck', 'states.review', ({ states }) => ['clock', 'then'].map(each => delete states.review[each])],
  ['office-clock', 'states.review', ({ states }) => ['clock', 'then'].map(each => delete states.review[each])],
  [
    'state-endless',
    'states.overdue',
    ({ states, transitions }) => {
      for (const each of ['paid', 'cancelled', 'enforced'])
        states[each] = { waits: 'citizen', clock: 'P1D', then: 'again', label }
      transitions.again = step({ from: ['paid', 'cancelled', 'enforced'], to: 'overdue' })
    },
  ],
  ['state-waits', 'states.review', ({ states }) => ['waits', 'clock', 'then'].map(each => delete states.review[each])],
  ['state-waits', 'states.review.waits', ({ states }) => (states.review.waits = 'officer')],
  ['clock-elsewhere', 'states.review.then', ({ states }) => (states.review.then = 'enforce')],
  ['clock-may-stop', 'states.review.then', ({ transitions }) => (transitions.cancelBySilence.times = 1)],
  ['clock-may-stop', 'transitions.enforce.do', file => (issuing(file).enforce.do = [{ do: 'records.suspend' }])],
  ['unsigned-takes', 'transitions.enforce.unique', ({ transitions }) => (transitions.enforce.unique = ['again'])],
  ['unsigned-takes', 'transitions.enforce.emits', ({ transitions }) => (transitions.enforce.emits = ['loud'])],
  [
    'unsigned-takes',
    'transitions.enforce.do.0',
    ({ transitions }) => (transitions.enforce.do = [{ do: 'obligations.pay', name: 'fine' }]),
  ],
  ['unsigned-opens', 'transitions.enforce', ({ transitions }) => delete transitions.enforce.from],
  ['two-persons', 'transitions.waive', ({ transitions }) => delete transitions.waive.persons],
  [
    'two-persons',
    'transitions.repay',
    ({ transitions }) =>
      (transitions.repay = step({
        from: ['issued'],
        by: ['cashier'],
        do: [{ do: 'obligations.refund', name: 'fine' }],
      })),
  ],
  [
    'two-persons',
    'transitions.strike',
    file => {
      file.type = 'urn:example:fine'
      file.transitions.settle.do = ['records.issue']
      file.transitions.strike = step({ from: ['paid'], to: 'cancelled', by: ['judge'], do: ['records.revoke'] })
    },
  ],
  [
    'same-hands',
    'transitions.grant',
    file => (issuing(file).grant = step({ from: ['issued'], by: ['officer'], do: ['records.issue'] })),
  ],
  ['no-correction', 'states.paid', file => (issuing(file).settle.do = ['records.issue'])],
  [
    'correction-hands',
    'transitions.correct',
    file =>
      Object.assign(issuing(file), {
        enter: step({ from: ['issued'], by: ['reviewer'], do: ['records.issue'] }),
        correct: step({ from: ['issued'], by: ['reviewer'], corrects: true, do: ['records.replace'] }),
      }),
  ],
  ['no-appeal', 'transitions.uphold', ({ transitions }) => (transitions.appeal.appeals = false)],
  ['no-appeal', 'transitions.uphold', ({ roles }) => (roles.judge.offices = ['fines-review'])],
  ['no-reason', 'transitions.uphold', ({ transitions }) => delete transitions.uphold.reasons],
  ['not-by-nobody', 'transitions.uphold.notBy', ({ transitions }) => (transitions.uphold.notBy = ['enforce'])],
  ['apart-alone', 'transitions.pay.apart', ({ transitions }) => (transitions.pay.apart = true)],
  ['apart-never', 'transitions.waive.apart', ({ transitions }) => (transitions.waive.apart = true)],
  [
    'apart-idle',
    'transitions.waive.apart',
    ({ transitions }) =>
      Object.assign(transitions.waive, { persons: 1, by: ['reviewer', 'judge'], together: true, apart: true }),
  ],
  ['assign-party', 'transitions.contest.do.1', ({ transitions }) => (transitions.contest.do[1].role = 'citizen')],
  [
    'assign-unknown',
    'transitions.contest.do.1',
    ({ transitions }) => (transitions.contest.do[1].apartFrom = ['nothing']),
  ],
  ['assign-idle', 'transitions.contest.do.1', ({ transitions }) => (transitions.contest.do[1].role = 'officer')],
  ['assigned-nobody', 'transitions.pay.assigned', ({ transitions }) => (transitions.pay.assigned = true)],
  ['existence-party', 'roles.citizen', file => (file.existence = 'private')],
  ['existence-unique', 'transitions.issue.unique', file => (file.existence = 'private')],
  [
    'existence-holder',
    'transitions.settle.do',
    file => {
      Object.assign(file, { existence: 'private', type: 'urn:example:fine' })
      file.transitions.settle.do = [{ do: 'records.issue', holder: 'citizen' }]
    },
  ],
  ['field-type', 'fields.2', ({ fields }) => delete fields[2].type],
  ['field-to', 'fields.2', ({ fields }) => delete fields[2].to],
  ['field-keep', 'fields.2', ({ fields }) => delete fields[2].keep],
  ['never-public', 'fields.1.show', file => renamePlace(file, 'homeAddress')],
  ['never-public', 'fields.3.show', ({ fields }) => (fields[3].show = 'public')],
  ['never-public', 'fields.1.show', file => renamePlace(file, 'diagnosis')],
  ['never-tied', 'fields.2', ({ fields }) => (fields[2].name = 'fingerprint')],
  [
    'held-already',
    'fields.4',
    ({ fields }) =>
      fields.push({ name: 'purpose', type: { code: ['employment', 'licence', 'visa', 'own'] }, show: 'public', label }),
  ],
  ['field-unasked', 'fields.1', ({ transitions }) => (transitions.issue.asks = ['offence'])],
  ['no-unique', 'transitions.issue', ({ transitions }) => delete transitions.issue.unique],
  [
    'unique-apart',
    'transitions.issueAgain.unique',
    ({ transitions }) => (transitions.issueAgain = { ...transitions.issue, unique: ['other'] }),
  ],
  ['no-type', 'type', ({ transitions }) => (transitions.settle.do = ['records.issue'])],
  ['record-never', 'transitions.contest.do', file => issuing(file).contest.do.push('records.suspend')],
  [
    'record-early',
    'transitions.stop.do',
    file => {
      file.type = 'urn:example:fine'
      file.transitions.grant = step({ from: ['issued'], to: 'issued', by: ['cashier'], do: ['records.issue'] })
      file.transitions.stop = step({ from: ['issued'], by: ['judge'], do: ['records.suspend'] })
    },
  ],
  ['owed-unknown', 'transitions.pay.do', ({ transitions }) => (transitions.pay.do[0].name = 'fee')],
  ['owed-unpaid', 'transitions.issue.do', ({ transitions }) => (transitions.issue.do[0].creditor = 'nobody')],
  ['owed-early', 'transitions.issue.do', ({ transitions }) => delete transitions.pay],
  [
    'rate-undated',
    'transitions.issue.do.0.amount',
    ({ transitions }) => (transitions.issue.do[0].amount = 'fineFor(fields.offence) + 100'),
  ],
  [
    'rate-undated',
    'transitions.fallOverdue.do.0.rate',
    ({ transitions }) => (transitions.fallOverdue.do = [{ do: 'obligations.interest', name: 'fine', rate: 500 }]),
  ],
  ['plan-unwatched', 'transitions.agreeInstalments.do.0', ({ transitions }) => delete transitions.breakPlan.guards],
  [
    'two-persons',
    'transitions.seize',
    ({ transitions }) => Object.assign(transitions.seize, { together: false, by: ['bailiff'] }),
  ],
  ['no-reason', 'transitions.seize', ({ transitions }) => delete transitions.seize.reasons],
  [
    'unsigned-takes',
    'transitions.enforce.do.0',
    ({ transitions }) => (transitions.enforce.do = [{ do: 'obligations.enforce', name: 'fine' }]),
  ],
  [
    'guard-name',
    'transitions.settle.guards.paid.if',
    ({ transitions }) => (transitions.settle.guards = { paid: { if: "open('fin') == 0", say: label } }),
  ],
  [
    'guard-name',
    'transitions.contest.guards.any.if',
    ({ transitions }) =>
      (transitions.contest.guards = {
        any: { if: "fields.offence == 'x' || !(was('isued') && now > opened)", say: label },
      }),
  ],
  ['table-basis', 'tables.fineFor', ({ tables }) => delete tables.fineFor.basis],
  ['table-idle', 'tables.other', ({ tables }) => (tables.other = { ...tables.fineFor })],
  ['link-unknown', 'on.0', file => (file.on = [{ fact: 'civil.death/die', do: 'enforce', basis: '/eli/example/1' }])],
  ['link-silent', 'on.0', file => (file.on = [{ fact: 'civil.death/report', do: 'enforce', basis: '/eli/example/1' }])],
  [
    'link-unheard',
    'on.0',
    file => (file.on = [{ fact: 'civil.death/register', do: 'enforce', basis: '/eli/example/1' }]),
  ],
  ['link-basis', 'on.0', file => (file.on = [{ fact: 'civil.death/register', do: 'enforce', basis: '' }])],
  [
    'link-ends',
    'on.0',
    file => (file.on = [{ fact: 'civil.death/register', do: 'cancelBySilence', basis: '/eli/example/1' }]),
  ],
  [
    'link-idle',
    'on.0',
    file => {
      file.on = [{ fact: 'civil.death/register', do: 'dream', basis: '/eli/example/1' }]
      file.states.lost = { final: true, label }
      file.transitions.dream = step({ from: ['lost'], to: 'paid' })
    },
  ],
  [
    'listen-alone',
    'transitions.contest.listens',
    file => {
      file.on = [{ fact: 'civil.death/register', do: 'enforce', basis: '/eli/example/1' }]
      file.transitions.contest.listens = { 'civil.death/register': 'death' }
    },
  ],
  ['emit-alone', 'transitions.contest.emits', ({ transitions }) => (transitions.contest.emits = ['loud'])],
  ['event-open', 'transitions.issue.takes', ({ transitions }) => delete transitions.issue.guards],
  [
    'issuer-first',
    'transitions.grant.by',
    file =>
      (issuing(file).grant = step({
        from: ['issued'],
        to: 'paid',
        by: ['citizen', 'judge'],
        together: true,
        do: ['records.issue'],
      })),
  ],
  [
    'record-twice',
    'transitions.grant.do',
    file => (issuing(file).grant = step({ from: ['issued'], to: 'issued', by: ['cashier'], do: ['records.issue'] })),
  ],
  [
    'record-freed',
    'states.paid',
    file => {
      issuing(file).settle.do = ['records.issue']
      file.states.paid.frees = true
    },
  ],
  [
    'link-undone',
    'on.0',
    file => {
      file.on = [{ fact: 'civil.death/register', do: 'stay', basis: '/eli/example/1' }]
      file.states.stayed = { clock: 'P30D', then: 'enforce', label }
      issuing(file).stay = step({ from: ['issued'], to: 'stayed', do: ['records.suspend'] })
    },
  ],
  [
    'listen-idle',
    'transitions.issue.listens',
    ({ transitions }) => (transitions.issue.listens = { 'civil.death/register': 'death' }),
  ],
  ['assigned-stuck', 'transitions.uphold.assigned', ({ transitions }) => delete transitions.reviewerStepsAside.recuses],
  ['recuse-form', 'transitions.reviewerStepsAside', ({ transitions }) => delete transitions.reviewerStepsAside.reasons],
  [
    'recuse-form',
    'transitions.reviewerStepsAside',
    ({ transitions }) => delete transitions.reviewerStepsAside.assigned,
  ],
  ['recuse-form', 'transitions.reviewerStepsAside', ({ transitions }) => delete transitions.reviewerStepsAside.do],
  ['form', '', ({ transitions }) => (transitions.contest.do[1].again = 'colour')],
  ['unshredded', 'states.paid', ({ transitions }) => (transitions.shred.from = ['cancelled'])],
  [
    'shred-open',
    'transitions.shred.do.0',
    ({ transitions }) => (transitions.shred.from = ['paid', 'cancelled', 'issued']),
  ],
  [
    'shred-nothing',
    'transitions.shred.do.0',
    ({ fields }) => {
      for (const field of fields) if (field.keep) field.keep = 'always'
    },
  ],
  ['unsigned-takes', 'transitions.shred.do.0', ({ transitions }) => delete transitions.shred.by],
  ['field-unlooked', 'fields.3.to', ({ looks }) => (looks.review.fields = ['plate'])],
  ['look-by', 'looks.review.by', ({ looks }) => (looks.review.by = 'citizen')],
  ['look-reason', 'looks.review', ({ looks }) => delete looks.review.reasons],
  ['look-field', 'looks.review.fields', ({ looks }) => (looks.review.fields = ['plate', 'photo', 'offence'])],
  ['look-field', 'looks.review.fields', ({ looks }) => (looks.review.fields = ['plate', 'photo', 'colour'])],
  ['look-to', 'looks.review.fields', ({ fields }) => (fields[3].to = ['citizen', 'judge'])],
  ['text-language', 'looks.review.label', ({ looks }) => (looks.review.label = noLabel)],
  ['form', '', ({ transitions }) => (transitions.looks = transitions.pay)],
  ['form', '', ({ looks }) => (looks.issue = looks.review)],
  ['form', '', ({ looks }) => (looks.review.by = 'nobody')],
  ['no-basis', 'basis', file => (file.basis = [])],
  ['basis-is', 'basis.0', ({ basis }) => delete basis[0].is],
  ['text-missing', 'states.paid.label', ({ states }) => delete states.paid.label],
  ['text-language', 'title', file => (file.title = noLabel)],
  ['text-language', 'transitions.pay.label', ({ transitions }) => (transitions.pay.label = noLabel)],
  [
    'text-language',
    'transitions.issue.guards.late.say',
    ({ transitions }) => (transitions.issue.guards.late.say = { ar: 'مثال' }),
  ],
  ['draw', 'transitions.contest.do.1.how', ({ transitions }) => (transitions.contest.do[1].how = 'draw')],
  [
    'tag-in-guard',
    'transitions.issue.guards.late.if',
    ({ transitions }) => (transitions.issue.guards.late.if = "tag('plate') != ''"),
  ],
  ['form', '', file => (file.freshness = 59)],
  ['form', '', file => (file.colour = 'red')],
  ['form', '', ({ transitions }) => (transitions.issue.guards.late.if = 'fields.plate == fields.place')],
]

// Traffic for the ledger's bench: mixed transactions of the ten services, made and signed as clients would, in the order in which they
// will be handed in. They are made on a model of the chain in memory, beforehand, so that the making costs the measurement nothing.

import {
  type Crypto,
  encodeArgs,
  formatHex,
  isObject,
  type JsonObject,
  ResultCode,
  timeFromMilliseconds,
} from '@muniment/sdk'

import { createKernel } from '../node/src/ledger/apply.ts'
import type { BlockContext, View } from '../node/src/ledger/kernel.ts'
import { holdersPerPost } from '../node/src/scenario/country.ts'
import { playScenario, type Stage } from '../node/src/scenario/play.ts'
import { readScenarios, type Scenario } from '../node/src/scenario/read.ts'
import type { Stories } from '../node/src/scenario/stories.ts'

type Line = JsonObject

const hash = 'A'.repeat(43)
/** What is made for this height can stand in the first block and in all that a bench makes. */
const heightMeant = 10_000n

/** What people do in these services on a common day, without its waiting. */
const flows: readonly { readonly service: string; readonly steps: readonly Line[] }[] = [
  {
    service: 'transport.fine@1',
    steps: [
      {
        take: 'issue',
        by: 'officer',
        fields: { offence: 'parking', place: 'A-12' },
        parties: { citizen: 'a' },
        tags: { offenceOfPlate: 'x' },
      },
      { take: 'pay', by: 'cashier', payment: { amount: 4000, receipt: 'RECEIPT' } },
      { take: 'settle', by: 'citizen=a' },
    ],
  },
  {
    service: 'trade.licensing@1',
    steps: [
      { take: 'file', by: 'applicant=a', fields: { activity: 'office', place: 'B-2' }, tags: { premises: 'x' } },
      { take: 'pay', by: 'cashier', payment: { amount: 5000, receipt: 'RECEIPT' } },
      { take: 'accept', by: 'officer' },
      { take: 'fireOpinion', by: 'fireOfficer' },
      { take: 'healthOpinion', by: 'healthOfficer' },
      // Who inspects is drawn: nobody can sign for him beforehand.
    ],
  },
  {
    service: 'professions.licence@1',
    steps: [
      {
        take: 'apply',
        by: 'applicant=a',
        fields: { profession: 'nurse' },
        tags: { personAndProfession: 'x' },
      },
      { take: 'attestDegree', by: 'university' },
      { take: 'pay', by: 'cashier', payment: { amount: 10000, receipt: 'RECEIPT' } },
      { take: 'check', by: 'registrar' },
    ],
  },
  {
    service: 'civil.birth@1',
    steps: [
      {
        take: 'notify',
        by: 'facility',
        fields: { district: 'D-1' },
        parties: { parent: 'a' },
        tags: { motherFacilityHour: 'x' },
      },
      { take: 'declare', by: 'parent=a' },
      { take: 'attestUnique', by: 'dedup' },
      { take: 'register', by: 'registrar+' },
    ],
  },
  {
    service: 'civil.death@1',
    steps: [
      { take: 'report', by: 'informant=a', fields: { district: 'D-1' }, tags: { person: 'x' } },
      { take: 'reject', by: 'doctor', reason: 'person-lives' },
    ],
  },
  {
    service: 'civil.will@1',
    steps: [
      { take: 'seal', by: ['testator=a', 'notary'], tags: { newest: 'x', death: 'x' } },
      { take: 'withdraw', by: 'testator=a' },
    ],
  },
  {
    service: 'elections.roll@1',
    steps: [
      {
        take: 'propose',
        by: 'registrar',
        fields: { district: 'north' },
        parties: { voter: 'a' },
        tags: { person: 'x' },
      },
      // Entering takes the calendar's record, as a claim takes its policy's.
      { take: 'attestAge', by: 'identityOfficer' },
    ],
  },
  {
    service: 'identity.passport@1',
    steps: [
      { take: 'apply', by: 'citizen=a', fields: { kind: 'ordinary' }, tags: { person: 'x' } },
      { take: 'attestUnique', by: 'dedup' },
      { take: 'establish', by: ['enrolment', 'enrolment+'] },
      { take: 'pay', by: 'cashier', payment: { amount: 6000, receipt: 'RECEIPT' } },
      { take: 'approve', by: 'clerk' },
      { take: 'produce', by: 'producer', fields: { series: hash } },
      { take: 'handOver', by: ['clerk+', 'citizen=a'], tags: { death: 'x' } },
    ],
  },
  {
    // A claim comes after its policy was issued, which the model cannot date: the policies stand for both.
    service: 'insurance.policy@1',
    steps: [
      {
        take: 'quote',
        by: 'insurer',
        fields: { class: 'motor' },
        parties: { insured: 'a' },
        tags: { objectAndClass: 'x' },
      },
      { take: 'accept', by: 'insured=a' },
      { take: 'bind', by: 'insurer+', record: { until: 'P365D' } },
    ],
  },
  {
    service: 'justice.extract@1',
    steps: [
      { take: 'ask', by: 'citizen=a', fields: { purpose: 'own' } },
      { take: 'issue', by: 'recordsOfficer', record: { until: 'P30D' } },
    ],
  },
]

/** Which steps in one round of all flows, for the table. */
export const transactionsPerRound: number = flows.reduce((sum, { steps }) => sum + steps.length, 0)

/**
 * Hands out transactions until `enough` says so, a round of all flows at a time. `genesisHash` and `chainId` are those of the chain
 * that will take them.
 */
export async function makeLoad(
  stories: Stories,
  given: {
    readonly crypto: Crypto
    readonly chainId: string
    readonly genesisHash: Uint8Array
    readonly nowMs: number
  },
  take: (transaction: Uint8Array) => boolean,
): Promise<void> {
  const stage = modelStage(stories.country, given, take)
  const seen = { taken: new Set<string>(), open: new Set<string>(), closed: new Set<string>() }
  for (let round = 0; ; round++) {
    for (const flow of flows) {
      const scenario = scenarioOf(flow, round)
      const failure = await playScenario(scenario, { stage, ...stories, own: flow.service, seen })
      if (stage.isFull()) return
      if (failure) throw new Error(`${flow.service} in round ${round}: ${failure.sentence}`)
      stage.forget()
    }
  }
}

function scenarioOf({ service, steps }: (typeof flows)[number], round: number): Scenario {
  const receipt = `R-${service.replace(/[^a-z]/g, '')}-${round}`
  // Each post's holders take turns; `+` is the colleague of who acted before.
  const official = (name: string): string => {
    if (/[=/]/.test(name)) return name
    const place = (round + (name.endsWith('+') ? 1 : 0)) % holdersPerPost
    return `${name.replace('+', '')}/${place + 1}`
  }
  const numbered = steps.map(step => {
    const by = Array.isArray(step.by) ? step.by.map(String) : [String(step.by)]
    const payment = isObject(step.payment) ? { payment: { ...step.payment, receipt } } : {}
    return { ...step, ...payment, by: by.map(official) }
  })
  return readScenarios({ scenarios: [{ name: `round ${round}`, steps: numbered }] })[0]!
}

type ModelStage = Stage & { readonly isFull: () => boolean; readonly forget: () => void }

/** The chain as clients know it: the kernel over a map, which remembers only what was there at the beginning. */
function modelStage(
  appState: JsonObject,
  { crypto, chainId, genesisHash, nowMs }: Parameters<typeof makeLoad>[1],
  take: (transaction: Uint8Array) => boolean,
): ModelStage {
  const kernel = createKernel(crypto)
  const values = new Map<string, Uint8Array>()
  const view: View = { get: key => values.get(formatHex(key)) }
  const block: BlockContext = { chainId, genesisHash, height: 1n, time: timeFromMilliseconds(nowMs) }
  for (const { key, value } of kernel.genesis(encodeArgs(appState), block)) values.set(formatHex(key), value!)
  const lasting = new Set(values.keys())
  const passing = new Set<string>()
  let isFull = false
  return {
    hasher: crypto,
    chainId,
    genesisHash,
    now: () => block.time,
    height: () => heightMeant,
    async submit(transaction) {
      const { result, writes } = kernel.apply(view, transaction, block)
      if (result.code === ResultCode.ok) {
        for (const { key, value } of writes) {
          const name = formatHex(key)
          values.set(name, value!)
          if (!lasting.has(name)) passing.add(name)
        }
        isFull ||= !take(transaction)
      }
      return result
    },
    advance: async () => {},
    read: async keys => keys.map(key => view.get(key)),
    isFull: () => isFull,
    forget() {
      for (const name of passing) values.delete(name)
      passing.clear()
    },
  }
}

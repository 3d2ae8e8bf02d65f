// biome-ignore-all lint/suspicious/noThenProperty: what a clock does stands under that name
// Every record can be put right: in at most three steps, with both versions to be proven, and counted where anybody can prove the count.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  addCounters,
  type CaseEntry,
  type Client,
  caseEntry,
  caseKey,
  countersKey,
  createClient,
  decodeArgs,
  type JsonObject,
  lintService,
  loadCrypto,
  medianDays,
  monthOf,
  readCounters,
} from '@muniment/sdk'
import { createLiveStage, type LiveStage } from '../node/src/scenario/live-stage.ts'
import { playScenario, type Seen } from '../node/src/scenario/play.ts'
import { readScenarios } from '../node/src/scenario/read.ts'
import { readFolder, readStories } from '../node/src/scenario/stories.ts'

const crypto = await loadCrypto()
const serviceFiles = readFolder(fileURLToPath(new URL('../services', import.meta.url)))
const { tellers, country, ...given } = readStories(serviceFiles, crypto)
const catalogue = [...given.procedures.values()]

let stage: LiveStage
let client: Client
/** Documents in the order in which their holders were given them. */
const documents: string[] = []
/** What each accepted transaction answered: the id of its case. */
const answers: Uint8Array[] = []
const months = new Set<string>()
const service = 'police.report@1'

/** A report whose day and matter were written down wrongly, and put right after so many days. */
function story(name: string, days: number): JsonObject {
  const tags = { event: name }
  const wrong = { fields: { matter: 'damage' }, event: '-P1D' }
  const right = { fields: { matter: 'theft' }, event: '-P9D' }
  const together = ['officer/2', `reporter=${name}`]
  const steps = [
    { take: 'report', by: `reporter=${name}`, ...wrong, tags },
    { take: 'record', by: 'officer' },
    { wait: `P${days}D` },
    { take: 'correct', by: together, ...right, reason: 'wrong-matter' },
    { expect: { state: 'recorded', records: ['replaced', 'current'] } },
  ]
  return { scenarios: [{ name: `corrected for ${name}`, steps }] }
}

async function play(json: JsonObject): Promise<void> {
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  const watched = {
    ...stage,
    async submit(transaction: Uint8Array) {
      const result = await stage.submit(transaction)
      if (result.code === 0) answers.push(result.data)
      months.add(monthOf(stage.now()))
      return result
    },
  }
  const onDocument = (document: string): void => {
    documents.push(document)
  }
  const [scenario] = readScenarios(json)
  assert.equal(await playScenario(scenario!, { ...given, stage: watched, own: service, seen, onDocument }), undefined)
}

before(async () => {
  stage = await createLiveStage(country, crypto)
  for (const [name, days] of [
    ['ann', 3],
    ['bob', 1],
    ['cyd', 20],
  ] as const)
    await play(story(name, days))
  const network = { chainId: stage.chainId, checkpoint: stage.checkpoint(), peers: [], rpc: [stage.rpc] }
  client = await createClient({ root: stage.root, network, crypto, now: stage.now })
})
after(async () => {
  await client?.close()
  await stage?.stop()
  crypto.close()
})

test('each service that issues records tells of one that was wrong and was put right', () => {
  const issuing = tellers.filter(({ id }) => given.procedures.get(id)!.service.type !== undefined)
  assert.ok(issuing.length >= 12)
  for (const { id, scenarios } of issuing) {
    const items = scenarios.flatMap(each => each.items)
    const hasBoth = items.some(
      item => item.kind === 'expect' && item.expect.records?.slice(-2).join() === 'replaced,current',
    )
    assert.ok(hasBoth, id)
  }
})

test('whoever holds the wrong document learns that it was replaced, and the right one is good; both by proof', async () => {
  const [wrong, right] = documents as [string, string]
  const [before, now] = [await client.verifyRecord(wrong), await client.verifyRecord(right)]
  assert.equal(before.code, 'replaced', JSON.stringify(before.steps))
  assert.equal(now.code, 'single-operator', JSON.stringify(now.steps))
})

test('the case says what is so now, and took no more than three steps to do so', async () => {
  const [value] = await stage.read([caseKey(crypto, answers[0]!)])
  const entry: CaseEntry = caseEntry.decode(value!)
  assert.deepEqual(decodeArgs(entry.facts), { matter: 'theft' })
  assert.equal(entry.records.length, 2)
  const entered = entry.acts.findIndex(({ step }) => step === 'record')
  const since = entry.acts.slice(entered + 1)
  assert.ok(since.length <= 3 && since.at(-1)?.step === 'correct')
  assert.deepEqual([since.at(-1)?.reason, entry.acts.every(({ times }) => times === 1)], ['wrong-matter', true])
})

test('corrections and their median time are public figures that anybody can prove', async () => {
  const procedure = given.procedures.get(service)!
  const keys = [...months].map(month => countersKey(crypto, { service, office: 'police-desk', month, apart: '' }))
  const values = await stage.read(keys)
  const counters = addCounters(...values.flatMap(value => (value ? [readCounters(procedure, value)] : [])))
  assert.equal(counters.corrections, 3n)
  assert.equal(counters.correct, 3n)
  // Of 1, 3 and 20 days.
  assert.deepEqual(medianDays(counters, 'correctedIn'), { above: 2, atMost: 4 })
})

/** The report's file, changed, and what the linter then says of corrections. */
function saidOf(change: (transitions: Loose, file: Loose) => void): readonly string[] {
  const file: Loose = structuredClone(serviceFiles.find(({ json }) => json.service === service)!.json)
  change(file.transitions, file)
  return lintService(file, { catalogue })
    .filter(({ code }) => code.startsWith('no-correction') || code === 'correction-hands')
    .map(({ place, sentence }) => `${place}: ${sentence}`)
}

// biome-ignore lint/suspicious/noExplicitAny: a file is broken at any place
type Loose = any

test('no file joins the catalogue in which an official corrects alone what he entered, or overwrites it', () => {
  const none = saidOf(({ correct }) => delete correct.corrects)
  assert.equal(none.length, 1)
  assert.match(
    none[0]!,
    /^states.recorded: A record in force in recorded cannot be corrected in 3 steps: add recorded /,
  )
  // A new record beside the old one is no correction: nothing would say which of the two counts.
  assert.equal(saidOf(({ correct }) => (correct.do = ['records.issue'])).length, 1)
  assert.equal(saidOf(({ correct }) => Object.assign(correct, { by: ['reporter'], together: false })).length, 1)
  const alone = saidOf(({ correct }) => {
    Object.assign(correct, { by: ['officer'], together: false })
    delete correct.notBy
  })
  assert.deepEqual(alone, [
    'transitions.correct: Whoever entered a record by record could correct it alone by correct: add "notBy: [record]", or a second person.',
  ])
})

test('three steps are near enough, four are not, and time that must pass is no step', () => {
  const label = { en: 'Example', ar: 'مثال' }
  /** A correction behind so many other steps. */
  const behind = (count: number): readonly string[] =>
    saidOf((transitions, file) => {
      for (let place = 1; place <= count; place++) {
        file.states[`asked${place}`] = { waits: 'reporter', label }
        const from = [place === 1 ? 'recorded' : `asked${place - 1}`]
        transitions[`ask${place}`] = { label, from, to: `asked${place}`, by: ['reporter'] }
      }
      transitions.correct.from = [`asked${count}`]
      transitions.correct.to = 'recorded'
    })
  assert.deepEqual(behind(2), [])
  assert.equal(behind(3).length, 1)
  const waiting = saidOf((transitions, file) => {
    file.states.recorded = { clock: 'P30D', then: 'mature', label }
    file.states.mature = { final: true, label }
    transitions.mature = { label, from: ['recorded'], to: 'mature' }
    transitions.correct.from = ['mature']
  })
  assert.equal(waiting.length, 1)
})

test('where no office says anything, its author corrects what he said', () => {
  const own = saidOf(transitions => {
    Object.assign(transitions.record, { by: ['reporter'] })
    Object.assign(transitions.correct, { by: ['reporter'], together: false, notBy: [] })
  })
  assert.deepEqual(own, [])
})

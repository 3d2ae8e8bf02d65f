// A citizen finds his cases, and every step of one, through an index that proves nothing: over a real node, and behind one that lies.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type CaseQuestion,
  casesOf,
  createRpcProvider,
  createVerifiedRpc,
  formatBase64Url,
  formatHex,
  headerHash,
  LightClient,
  limits,
  loadCrypto,
  smtSpec,
  stepsOf,
} from '@muniment/sdk'
import { personOf } from '../node/src/scenario/country.ts'
import { createLiveStage, type LiveStage } from '../node/src/scenario/live-stage.ts'
import { playScenario, type Seen } from '../node/src/scenario/play.ts'
import { readFolder, readStories } from '../node/src/scenario/stories.ts'

const crypto = await loadCrypto()
const { tellers, country, ...given } = readStories(
  readFolder(fileURLToPath(new URL('../services', import.meta.url))),
  crypto,
)
let stage: LiveStage
let light: LightClient

const told: readonly (readonly [service: string, story: string])[] = [
  ['transport.fine@1', 'A fine is paid in four parts'],
  ['transport.fine@1', 'The reviewer is silent'],
  ['identity.passport@1', 'A death suspends a passport, and is false'],
  ['civil.will@1', 'A death opens a will after thirty days, and it is executed'],
]

/** The account of somebody in a story. */
function accountOf([service, story]: readonly [string, string], name: string): Uint8Array {
  return personOf(crypto, `${service} ${story} ${name}`).account
}

before(async () => {
  stage = await createLiveStage(country, crypto)
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  for (const [service, story] of told) {
    const scenario = tellers.find(({ id }) => id === service)?.scenarios.find(({ name }) => name === story)
    assert.ok(scenario, `${service}: ${story}`)
    assert.equal(await playScenario(scenario, { ...given, stage, own: service, seen }), undefined)
  }
  const provider = createRpcProvider(stage.rpc)
  const { header } = await provider.lightBlock(1n)
  light = new LightClient({
    chainId: stage.chainId,
    trustRoot: { height: 1n, hash: headerHash(header, crypto) },
    trustingPeriodNs: 10n * 365n * 86_400_000_000_000n,
    now: stage.now,
    primary: provider,
    crypto,
  })
})
after(async () => {
  await stage.stop()
  crypto.close()
})

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON, to be changed at any place.
type Json = any

/** `lie` may change the result of a method. */
function questionOf(lie: (method: string, result: Json) => Json = (_, result) => result): CaseQuestion {
  const lying = async (url: string, init: RequestInit): Promise<Response> => {
    const answer = await fetch(url, init)
    const { method } = JSON.parse(String(init.body))
    const json = (await answer.json()) as Json
    return Response.json(
      json.result === undefined && method !== 'tx_search' ? json : { result: lie(method, json.result) },
    )
  }
  return { rpc: createVerifiedRpc({ url: stage.rpc, light, crypto, spec: smtSpec, fetch: lying }), hasher: crypto }
}

const [inParts, silent, passport, will] = told as [
  (typeof told)[0],
  (typeof told)[0],
  (typeof told)[0],
  (typeof told)[0],
]
const search = (change: (txs: Json[]) => Json[]) => (method: string, result: Json) =>
  method === 'tx_search' ? { ...result, txs: change(result.txs) } : result

async function idOf(account: Uint8Array): Promise<Uint8Array> {
  const { cases } = await casesOf(account, questionOf())
  assert.equal(cases.length, 1)
  return cases[0]!.id
}

test('somebody finds his case, and every step of it with its proof; nobody says that there are no others', async () => {
  const found = await casesOf(accountOf(inParts, 'ann'), questionOf())
  assert.equal(found.isComplete, false)
  assert.deepEqual(
    found.cases.map(({ entry }) => [entry.service, entry.state]),
    [['transport.fine@1', 'paid']],
  )
  const steps = await stepsOf(found.cases[0]!.id, questionOf())
  assert.deepEqual(
    steps?.steps.map(({ step }) => step),
    ['issue', 'agreeInstalments', 'pay', 'pay', 'pay', 'settle'],
  )
  assert.deepEqual(
    steps?.unsigned.map(({ step, times }) => [step, times]),
    [['nextPart', 3]],
  )
  assert.deepEqual([steps?.missing, steps?.isComplete, steps?.refused], [[], true, 0])
})

test('what a clock did is in the case itself, and the block is found in which it did', async () => {
  const id = await idOf(accountOf(silent, 'ann'))
  const steps = await stepsOf(id, questionOf())
  const [unsigned] = steps!.unsigned
  assert.equal(unsigned?.step, 'cancelBySilence')
  const { rpc } = questionOf()
  const query = `case.id='${formatBase64Url(id)}'`
  const { blocks } = (await rpc.unverified('block_search', { query })).unwrapUnverified() as Json
  assert.deepEqual(
    blocks.map((each: Json) => each.block.header.height),
    [String(unsigned?.height)],
  )
})

test('a case that another service moved is found by the one transaction that moved both', async () => {
  const { cases } = await casesOf(accountOf(passport, 'gus'), questionOf())
  const own = cases.find(({ entry }) => entry.service === 'identity.passport@1')
  const steps = await stepsOf(own!.id, questionOf())
  assert.equal(steps?.isComplete, true)
  assert.ok(steps!.unsigned.length > 0, 'a death suspended it')
  assert.ok(steps!.steps.every(({ step }) => !steps!.unsigned.some(each => each.step === step)))
})

test('of a will nobody finds anything: neither by a person nor by the case', async () => {
  const { rpc } = questionOf()
  for (const name of ['tess', 'ann', 'testator', 'bob']) {
    const { cases } = await casesOf(accountOf(will, name), questionOf())
    assert.deepEqual(
      cases.filter(({ entry }) => entry.service.startsWith('civil.will')),
      [],
    )
  }
  for (let height = 1n; height <= stage.height() - 1n; height++) {
    const results = (await rpc.unverified('block_results', { height: String(height) })).unwrapUnverified()
    assert.doesNotMatch(JSON.stringify(results), /civil\.will/)
  }
})

test('a case that is not there is proved not to be there', async () => {
  assert.equal(await stepsOf(crypto.sha256(new Uint8Array(1)), questionOf()), undefined)
})

test('an index that leaves a step out is seen: the case counts its steps', async () => {
  const id = await idOf(accountOf(inParts, 'ann'))
  for (let gone = 0; gone < 6; gone++) {
    const steps = await stepsOf(id, questionOf(search(txs => txs.filter((_, place) => place !== gone))))
    assert.equal(steps?.isComplete, false)
    assert.deepEqual(
      steps?.missing.map(({ times }) => times),
      [1],
    )
  }
  const none = await stepsOf(
    id,
    questionOf((method, result) => (method === 'tx_search' ? { txs: [], total_count: '0' } : result)),
  )
  assert.equal(
    none?.missing.reduce((sum, { times }) => sum + times, 0),
    6,
  )
})

test('an index that reorders or repeats changes nothing', async () => {
  const id = await idOf(accountOf(inParts, 'ann'))
  const honest = await stepsOf(id, questionOf())
  const turned = await stepsOf(id, questionOf(search(txs => txs.toReversed())))
  assert.deepEqual(turned, honest)
  const twice = await stepsOf(
    id,
    questionOf((method, result) =>
      method === 'tx_search' ? { txs: [...result.txs, ...result.txs], total_count: '12' } : result,
    ),
  )
  assert.deepEqual(twice?.steps, honest?.steps)
  assert.equal(twice?.refused, 6)
})

test('what an index invents, or takes from elsewhere, is no step of the case', async () => {
  const id = await idOf(accountOf(inParts, 'ann'))
  const honest = await stepsOf(id, questionOf())
  const invented = await stepsOf(id, questionOf(search(txs => [{ ...txs[0], hash: 'AB'.repeat(32) }, ...txs.slice(1)])))
  assert.deepEqual([invented?.refused, invented?.isComplete], [1, false])
  const other = await idOf(accountOf(silent, 'ann'))
  const { rpc } = questionOf()
  const theirs = (
    await rpc.unverified('tx_search', { query: `case.id='${formatBase64Url(other)}'` })
  ).unwrapUnverified() as Json
  const mixed = await stepsOf(
    id,
    questionOf((method, result) =>
      method === 'tx_search' ? { txs: [...theirs.txs, ...result.txs], total_count: '99' } : result,
    ),
  )
  assert.deepEqual(mixed?.steps, honest?.steps)
})

test('a refused transaction is no step, whatever the node says of its result', async () => {
  const id = await idOf(accountOf(inParts, 'ann'))
  const lied = await stepsOf(
    id,
    questionOf((method, result) =>
      method === 'block_results'
        ? { ...result, txs_results: result.txs_results?.map((each: Json) => ({ ...each, code: 1 - each.code })) }
        : result,
    ),
  )
  assert.deepEqual([lied?.steps.length, lied?.refused, lied?.isComplete], [0, 6, false])
})

test('a case of somebody else, slipped in as one’s own, is left out', async () => {
  const other = await idOf(accountOf(silent, 'ann'))
  const slipped = questionOf(
    search(txs =>
      txs.map(tx => ({
        ...tx,
        tx_result: {
          ...tx.tx_result,
          events: [
            { type: 'case', attributes: [{ key: 'id', value: formatBase64Url(other), index: true }] },
            { type: 'case', attributes: [{ key: 'id', value: formatBase64Url(crypto.sha256(other)), index: true }] },
            { type: 'case', attributes: [{ key: 'id', value: 'no id', index: true }] },
          ],
        },
      })),
    ),
  )
  const { cases, refused } = await casesOf(accountOf(inParts, 'ann'), slipped)
  assert.deepEqual(
    cases.map(({ id }) => formatHex(id)),
    [],
  )
  assert.ok(refused > 0)
})

test('a node that never comes to an end is given up', async () => {
  let page: Json
  const endless = questionOf((method, result) => {
    if (method !== 'tx_search') return result
    page ??= { txs: Array.from({ length: limits.foundPerPageMax }, () => result.txs[0]), total_count: '1000000' }
    return page
  })
  await assert.rejects(casesOf(accountOf(inParts, 'ann'), endless), /more was found/)
})

// One chain of stories, made on a running node, is worked out anew by processes that share nothing with it: another Node, other zones and
// locales, without Wasm. All come to the app hash that was signed.

import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { formatNetwork, formatTrustRoot, loadCrypto, timeToMilliseconds } from '@muniment/sdk'
import { createLiveStage, type LiveStage } from '../node/src/scenario/live-stage.ts'
import { playScenario, type Seen } from '../node/src/scenario/play.ts'
import { readFolder, readStories } from '../node/src/scenario/stories.ts'

const run = promisify(execFile)
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const [child, source, built] = [path('replay-child.mjs'), path('../node/src'), path('../node/dist')]
/** Money and clocks, links and reversals, the catalogue itself, private existence. */
const told = ['transport.fine@1', 'civil.death@1', 'state.catalogue@1', 'civil.will@1']

const crypto = await loadCrypto()
const folder = mkdtempSync(join(tmpdir(), 'muniment-determinism-'))
const question = join(folder, 'question.json')
const isBuilt = existsSync(join(built, 'audit/replay.js'))
let stage: LiveStage
let transactions = 0

before(async () => {
  const { tellers, country, ...given } = readStories(readFolder(path('../services')), crypto)
  stage = await createLiveStage(country, crypto)
  const counting = {
    ...stage,
    submit: async (transaction: Uint8Array) => {
      const result = await stage.submit(transaction)
      if (result.code === 0) transactions += 1
      return result
    },
  }
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  for (const { id, scenarios } of tellers.filter(each => told.includes(each.id)))
    for (const scenario of scenarios)
      assert.equal(await playScenario(scenario, { ...given, stage: counting, own: id, seen }), undefined, scenario.name)
  // A new checkpoint, from which the others can begin.
  await stage.advance(7 * 86_400)
  await stage.rest()
  const network = { chainId: stage.chainId, checkpoint: stage.checkpoint(), peers: [], rpc: [stage.rpc] }
  writeFileSync(
    question,
    JSON.stringify({
      ...{ root: formatTrustRoot(stage.root), network: formatNetwork(network), node: stage.rpc },
      nowMs: timeToMilliseconds(stage.now()) + 60_000,
    }),
  )
})
after(async () => {
  await stage.stop()
  crypto.close()
  rmSync(folder, { recursive: true })
})

type Answer = {
  readonly version: string
  readonly crypto: string
  readonly hour: number
  readonly locale: string
  readonly appHash: string
  readonly transactions: string
}

async function workedOut(given: {
  readonly node?: string
  readonly withoutWasm?: boolean
  readonly modules?: string
  readonly zone?: string
  readonly locale?: string
}): Promise<Answer> {
  const { node = process.execPath, modules = source, zone = 'UTC', locale = 'C' } = given
  const flags = ['--no-warnings', ...(modules === source ? ['--conditions=source'] : [])]
  const own = { TZ: zone, LC_ALL: locale, WITHOUT_WASM: given.withoutWasm ? 'yes' : 'no' }
  const env = { ...process.env, ...own, NODE_OPTIONS: '' }
  const { stdout } = await run(node, [...flags, child, modules, question], { env })
  return JSON.parse(stdout) as Answer
}

const answers: Answer[] = []

test('other time zones and locales come to the state that was signed', async () => {
  const [utc, tarawa, turkish] = [
    await workedOut({}),
    await workedOut({ zone: 'Pacific/Apia', locale: 'ar_EG.UTF-8' }),
    await workedOut({ zone: 'Asia/Kathmandu', locale: 'tr_TR.UTF-8' }),
  ]
  answers.push(utc, tarawa, turkish)
  assert.equal(new Set(answers.map(({ hour }) => hour)).size, 3, 'the zones were taken on')
  assert.ok(
    ['ar', 'tr'].every((language, i) => answers[i + 1]!.locale.startsWith(language)),
    'so were the locales',
  )
  assert.match(utc.appHash, /^[0-9a-f]{64}$/)
  // What proposers gave to chance stands in blocks too.
  assert.ok(Number(utc.transactions) >= transactions && transactions > 50)
})

test('so does a process without WebAssembly', async () => {
  const plain = await workedOut({ withoutWasm: true })
  assert.notEqual(plain.crypto, answers[0]!.crypto)
  answers.push(plain)
})

test('so does the built program', async t => {
  if (!isBuilt) return t.skip('the program is not built')
  answers.push(await workedOut({ modules: built }))
})

test('so does another version of Node', async t => {
  const other = otherNode()
  if (other === undefined) return t.skip('there is no second version of Node in PATH')
  if (!isBuilt) return t.skip('the program is not built')
  const answer = await workedOut({ node: other, modules: built, zone: 'Asia/Kathmandu' })
  assert.notEqual(answer.version, process.version)
  answers.push(answer)
})

test('all of them to one app hash', () => {
  assert.ok(answers.length >= 4)
  assert.equal(new Set(answers.map(({ appHash }) => appHash)).size, 1, JSON.stringify(answers))
})

/** The first program of that name in PATH that is another version. */
function otherNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(each => each !== '')
  return folders
    .map(each => join(each, 'node'))
    .find(each => {
      try {
        return execFileSync(each, ['--version'], { encoding: 'utf8' }).trim() !== process.version
      } catch {
        return false
      }
    })
}

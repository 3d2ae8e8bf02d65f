// biome-ignore-all lint/suspicious/noThenProperty: what a clock does stands under that name
// The linter of service files: what each rule refuses, by a file that breaks it and nothing else; and that the files of the catalogue
// break none.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  admitService,
  decodeProcedure,
  encodeCanonicalJson,
  type JsonObject,
  limits,
  lintService,
  type Procedure,
  VerifyError,
} from '@muniment/sdk'
import { readServiceFile } from '../node/src/catalogue.ts'
import { type Loose, label, step, table } from './broken-services.ts'

// So many tests without a pause report more than a pipe takes, and an end by --test-force-exit would lose the rest.
after(() => setTimeout(300))

const folder = fileURLToPath(new URL('../services', import.meta.url))
const files = ['.', 'examples'].flatMap(under =>
  readdirSync(join(folder, under))
    .filter(name => name.endsWith('.yaml'))
    .map(name => readServiceFile(join(folder, under, name))),
)
const catalogue: readonly Procedure[] = files
  .filter(json => json.states !== undefined)
  .map(json => decodeProcedure(encodeCanonicalJson(json)))
const fine = files.find(({ service }) => service === 'transport.fine@1')!

/** The fine with its parts at hand, to be broken. */
function broken(breakIt: (file: Loose) => void): JsonObject {
  const file = structuredClone(fine)
  breakIt(file)
  return file
}

test('every file of the catalogue is without a finding', () => {
  for (const json of files) assert.deepEqual(lintService(json, { catalogue }), [], String(json.service))
})

for (const [code, place, breakIt] of table)
  test(`the linter says ${code} at ${place || 'the whole file'}`, () => {
    const findings = lintService(broken(breakIt), { catalogue })
    const found = findings.filter(each => each.code === code && each.place === place)
    assert.ok(found.length > 0, JSON.stringify(findings.map(each => [each.code, each.place])))
    for (const { sentence } of found) assert.match(sentence, /^.{20,}\.$/u)
  })

test('each rule has a file here that breaks it, and stands on the page of the format', () => {
  const folderOfRules = fileURLToPath(new URL('../sdk/src/catalogue', import.meta.url))
  const names = [...readdirSync(join(folderOfRules, 'lint')).map(name => join('lint', name)), 'lint.ts', 'unsigned.ts']
  const source = names.map(name => readFileSync(join(folderOfRules, name), 'utf8')).join('')
  const codes = [...source.matchAll(/(?:error|warning)\(\s*'([a-z-]+)'|code: '([a-z-]+)'/g)].map(
    match => match[1] ?? match[2]!,
  )
  const page = readFileSync(fileURLToPath(new URL('../docs/protocol/service.md', import.meta.url)), 'utf8')
  assert.ok(codes.length > 50)
  for (const code of codes) {
    assert.ok(code === 'uncovered' || table.some(([each]) => each === code), `no file breaks ${code}`)
    assert.match(page, new RegExp(`\\b${code}\\b`))
  }
})

test('steps that no scenario shows are findings', () => {
  const [found] = lintService(fine, { catalogue, uncovered: ['no scenario takes the step transport.fine/pay'] })
  assert.equal(found?.code, 'uncovered')
  assert.match(found.sentence, /^No scenario takes the step transport.fine\/pay/)
})

test('one official alone appoints nobody, in services without cases either', () => {
  const parties = structuredClone(files.find(({ service }) => service === 'state.parties@1')!) as Loose
  parties.transitions.appoint.persons = 1
  assert.deepEqual(
    lintService(parties).map(({ code, place }) => [code, place]),
    [['two-persons', 'transitions.appoint']],
  )
})

test('the ledger itself takes no file whose clocks or links could fail in a block, and leaves style to people', () => {
  const codes = [
    'clock-elsewhere',
    'clock-may-stop',
    'unsigned-takes',
    'unsigned-opens',
    'draw',
    'form',
    'tag-in-guard',
  ]
  for (const [code, place, breakIt] of table) {
    const bytes = encodeCanonicalJson(broken(breakIt))
    const isRefused = codes.includes(code) && place !== 'transitions.enforce.do'
    if (isRefused) assert.throws(() => admitService(bytes), VerifyError, `${code} ${place}`)
  }
  for (const each of ['text-language', 'two-persons', 'never-public']) {
    const breakIt = table.find(([code]) => code === each)![2]
    admitService(encodeCanonicalJson(broken(breakIt)))
  }
})

function hostileFiles(): readonly (readonly [string, JsonObject])[] {
  const guard = (condition: string) =>
    broken(({ transitions }) => (transitions.issue.guards = { hostile: { if: condition, say: label } }))
  const list = `[${Array.from({ length: 64 }, (_, i) => i).join(',')}]`
  const macro = `${list}.all(x, ${list}.exists(y, ${list}.all(z, x + y + z > 0)))`
  const guards = Object.fromEntries(
    Array.from({ length: 16 }, (_, i) => [
      `g${i}`,
      { if: `${`${'!'.repeat(30)}(now == now) || `.repeat(20)}true`, say: label },
    ]),
  )
  const steps = Object.fromEntries(
    Array.from({ length: 44 }, (_, i) => [
      `s${i}`,
      step({ from: ['issued'], by: ['judge'], guards: { g: { if: `${list}.all(x, x >= 0)`, say: label } } }),
    ]),
  )
  const states = Object.fromEntries(
    Array.from({ length: 25 }, (_, i) => [`t${i}`, { waits: 'citizen', clock: 'P1D', then: 'enforce', label }]),
  )
  const keys = Array.from({ length: 300 }, (_, i) => ({
    when: { offence: 'parking' },
    if: `offence != 'x${i}'`,
    gives: i,
  }))
  const cubes = broken(file => {
    const bounds = (from: number) => `[${Array.from({ length: 25 }, (_, i) => i * 2 + from).join(',')}]`
    const when = `a in ${bounds(0)} && b in ${bounds(0)} && c in ${bounds(1)}`
    for (const name of ['a', 'b', 'c']) file.fields.push({ name, type: 'integer', show: 'public', label })
    const set = { from: '2026-01-01', rows: [{ if: when, gives: 1 }], otherwise: 2 }
    for (let i = 0; i < 7; i++) file.tables[`t${i}`] = { in: ['a', 'b', 'c'], hit: 'FIRST', sets: [set] }
  })
  const squares = broken(file => {
    const bounds = (from: number) => `[${Array.from({ length: 20 }, (_, i) => i * 2 + from).join(',')}]`
    for (const name of ['a', 'b']) file.fields.push({ name, type: 'integer', show: 'public', label })
    const rows = [{ if: `a in ${bounds(0)} && b in ${bounds(1)}`, gives: 1 }]
    const sets = Array.from({ length: 60 }, (_, i) => ({ from: `20${10 + i}-01-01`, rows, otherwise: 2 }))
    file.tables.t = { in: ['a', 'b'], hit: 'FIRST', sets }
  })
  return [
    ['tables of very many cases', cubes],
    ['a table of many sets', squares],
    ['parentheses', guard(`${'('.repeat(900)}true${')'.repeat(900)}`)],
    ['not, not, not', guard(`${'!'.repeat(1_900)}true`)],
    ['macros in macros', guard(macro)],
    ['a huge list', guard(`[${'1,'.repeat(900)}1].size() > 0`)],
    ['sixteen costly guards', broken(({ transitions }) => (transitions.issue.guards = guards))],
    ['48 kB of guards', broken(file => Object.assign(file.transitions, steps))],
    ['many states', broken(file => Object.assign(file.states, states))],
    ['a table of many rows', broken(({ tables }) => (tables.fineFor.sets[0].rows = keys))],
    [
      'many tables',
      broken(
        file =>
          (file.tables = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`t${i}`, file.tables.fineFor]))),
      ),
    ],
    ['a deep file', broken(file => (file.basis = JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`)))],
    ['beyond the size', broken(file => (file.title.en = 'x'.repeat(limits.serviceBytesMax)))],
  ]
}

test('a hostile file is answered at once, and never by a failure', context => {
  // The first run warms the code up, as a node is warm.
  lintService(fine, { catalogue })
  for (const [name, file] of hostileFiles()) {
    // The best of three: what else the machine does meanwhile is no part of it.
    const times = [1, 2, 3].map(() => {
      const began = performance.now()
      lintService(file, { catalogue })
      return performance.now() - began
    })
    const took = Math.min(...times)
    context.diagnostic(`${name}: ${took.toFixed(1)} ms`)
    assert.ok(took < 50, `${name} took ${took.toFixed(1)} ms`)
  }
})

test('links cannot run in a circle: what a link moves tells nobody', () => {
  const death = structuredClone(files.find(({ service }) => service === 'civil.death@1')!) as Loose
  death.on = [{ fact: 'civil.will/seal', do: 'settle', basis: '/eli/example/1' }]
  death.transitions.settle.emits = ['passport']
  assert.ok(lintService(death, { catalogue }).some(({ code }) => code === 'unsigned-takes'))
  assert.throws(() => admitService(encodeCanonicalJson(death)), VerifyError)
})

/** The fine draws where it assigned. */
function drawing(change: (file: Loose) => void): readonly string[] {
  const file = broken(json => {
    const { do: effect, how: _, ...rest } = json.transitions.contest.do[1]
    assert.equal(effect, 'cases.assign')
    json.transitions.contest.do[1] = { do: 'cases.draw', ...rest }
    change(json)
  })
  return lintService(file, { catalogue })
    .filter(({ code }) => code === 'draw')
    .map(({ sentence }) => sentence)
}

test('whoever judges, reviews or decides over an appeal is assigned by turn: the linter refuses a draw and says so', () => {
  const [sentence, ...more] = drawing(() => {})
  assert.match(
    sentence ?? '',
    /^contest draws reviewer, who judges or reviews: .* Assign by turn instead: "do: cases.assign, how: rota"\.$/,
  )
  assert.deepEqual(more, [])
  // Another name for the post does not help, where its holder decides against people.
  assert.equal(drawing(({ roles }) => (roles.reviewer.post = 'desk-officer')).length, 1)
  // Nor a finder's name, where the steps are those of an appeal.
  const named = (post: string): number =>
    drawing(({ roles, transitions }) => {
      roles.reviewer.post = post
      transitions.contest.appeals = true
    }).length
  assert.equal(named('inspector'), 1)
  for (const post of ['judge', 'chief-auditor', 'ombudsman', 'arbiter'])
    assert.equal(drawing(({ roles }) => (roles.reviewer.post = post)).length, 1, post)
})

test('inspectors, examiners and assessors are drawn: they find out what is so, and an appeal stands behind them', () => {
  const found = files.flatMap(json => lintService(json, { catalogue }).filter(({ code }) => code === 'draw'))
  assert.deepEqual(found, [])
  const drawn = catalogue.flatMap(({ steps }) =>
    Object.values(steps).flatMap(({ effects }) =>
      effects.flatMap(each => (each.do === 'cases.draw' ? [each.role] : [])),
    ),
  )
  assert.deepEqual([...new Set(drawn)].sort(), ['assessor', 'examiner', 'inspector'])
})

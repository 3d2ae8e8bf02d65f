// No way through the engine gives an operation larger limbs than it takes: checked builds, which stop where one would
// (field-checked.test.ts), judge everything that the other tests do, and every line with arithmetic on field elements is run.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import type { SignatureEngine } from '../../sdk/src/crypto/wasm-ed25519.ts'
import { batchesOf, createCases, shuffledCases } from '../ed25519-cases.ts'
import { nobleAccepts } from '../ed25519-signing.ts'
import { suites } from '../ed25519-vectors.ts'
import { build, fused, plain, type Representation, run } from '../engine-build.ts'
import { workloads } from '../engine-workloads.ts'
import { badOf, badOfPacked, type Exports, engineChoices, watch } from '../signature-engines.ts'
import { vectorsSkip } from '../vectors.ts'

const entry = 'assembly/ed25519/index.ts'
const folder = 'assembly/ed25519'
/** Fewer than an engine holds, for time's sake; enough for the widest digits and for keys to be forgotten. */
const heldAtOnce = 5000
const root = fileURLToPath(new URL('../..', import.meta.url))

/** What field.ts gives to the other files for work on elements, and the names that point.ts gives it. */
const operations =
  'multiply|square|squareTimes|squareTimesPair|add|subtract|addReduced|subtractReduced|multiplySum|multiplyDifference|' +
  'multiplySigned|middleOfAddition|middleOfDoubling|copy|gather|scatter|copyLane|negateLane|setLane|setLaneFromBytes|' +
  'storeLane|addElements|subtractElements'
const anyCall = new RegExp(`(?<![.\\w]|function )(?:${operations})\\(`, 'g')
const statement = new RegExp(`^( +)((?:if|else|for)\\b.*? )?((?:${operations})\\(.*)$`)

/** Sources in which each line that works on elements notes that it was run. */
function tracedSources(): { readonly sources: Record<string, (text: string) => string>; readonly lines: string[] } {
  const lines: string[] = []
  const traced = (name: string) => (text: string) => {
    const calls = [...text.matchAll(anyCall)].length
    const before = lines.length
    const changed = text.split('\n').map((line, i) => {
      const match = statement.exec(line)
      if (match === null) return line
      const hit = `hit(${lines.push(`${name}:${i + 1}: ${line.trim()}`) - 1})`
      const [, indent, condition, call] = match
      return condition === undefined ? `${indent}${hit}; ${call}` : `${indent}${condition}{ ${hit}; ${call} }`
    })
    assert.equal(lines.length - before, calls, `${name} has calls that are no statements`)
    return [...(calls > 0 ? ["import { hit } from './field'"] : []), ...changed].join('\n')
  }
  const names = readdirSync(`${root}/${folder}`).filter(name => name.endsWith('.ts') && name !== 'index.ts')
  // A file may be read more than once.
  const sources = names.map(name => {
    const text = traced(name)(readFileSync(`${root}/${folder}/${name}`, 'utf8'))
    return [`${folder}/${name}`, () => text] as const
  })
  return {
    lines,
    sources: {
      ...Object.fromEntries(sources),
      [entry]: text => `export { hits } from './field'\n${text}`,
      [`${folder}/field.ts`]: text =>
        `${text}export const hits: usize = memory.data(4096)\nexport function hit(i: u32): void { store<u8>(hits + i, 1) }\n`,
    },
  }
}

const { lines, sources } = tracedSources()
const binaries = await Promise.all(
  [fused, plain].map(representation => build({ entry, representation, checked: true, sources })),
)

/** Those of `lines` that an instance has not yet run. */
function notRun({ hits, memory }: Exports): readonly string[] {
  const bytes = new Uint8Array(memory.buffer, (hits as unknown as WebAssembly.Global).value, lines.length)
  return lines.filter((_, i) => bytes[i] === 0)
}

function assertBad(engine: SignatureEngine, items: readonly SignedMessage[], bad: readonly number[]): void {
  // A checked build that stops throws.
  assert.deepEqual((items.length % 2 === 0 ? badOf : badOfPacked)(engine, items), bad, `${items.length} items`)
}

function judgeVectors(engine: SignatureEngine): void {
  for (const { load } of suites) {
    const { items, accepted } = load()
    const bad = items.map((_, i) => i).filter(i => accepted[i] === false)
    assertBad(engine, items, bad)
    assertBad(engine, items.toReversed(), bad.map(i => items.length - 1 - i).toReversed())
    for (const [i, item] of items.entries()) assertBad(engine, [item], accepted[i] === true ? [] : [0])
  }
}

function judgeCases(engine: SignatureEngine): void {
  const cases = createCases('checked')
  const judged = shuffledCases(cases, 100).map(({ item }) => ({ item, accepted: nobleAccepts(item) }))
  for (const list of [judged, judged.filter(({ accepted }) => accepted)]) {
    for (const batch of batchesOf(list, cases.random)) {
      const bad = batch.map((_, i) => i).filter(i => !batch[i]!.accepted)
      const items = batch.map(({ item }) => item)
      assertBad(engine, items, bad)
    }
  }
}

for (const [i, { name, skip, open }] of engineChoices.entries()) {
  test(`${name}, checked, judges everything rightly, and every line that works on field elements is run`, {
    skip,
  }, async context => {
    assert.deepEqual(notRun(await run(binaries[i]!)), lines)
    const watched = watch(context, open, { binary: binaries[i]! })
    const engine = await watched.opened
    for (const { batches } of workloads) {
      for (const batch of batches(heldAtOnce)) assertBad(engine, batch.items, batch.bad)
    }
    judgeCases(engine)
    assert.deepEqual(watched.failures, [])
    assert.deepEqual(notRun(watched.exports()), [])
    context.diagnostic(`${lines.length} lines`)
  })

  test(`${name}, checked, answers the published vectors`, { skip: skip || vectorsSkip }, async context => {
    const watched = watch(context, open, { binary: binaries[i]! })
    judgeVectors(await watched.opened)
    assert.deepEqual(watched.failures, [])
  })
}

/** Opens a checked build with a mistake in it, which must stop in the engine's self-test. */
async function assertStops(
  context: TestContext,
  representation: Representation,
  mistake: Readonly<Record<string, (text: string) => string>> = {},
): Promise<void> {
  const binary = await build({ entry, representation, checked: true, sources: mistake })
  const { open } = engineChoices[representation.name === 'fused' ? 0 : 1]!
  const watched = watch(context, open, { binary })
  await assert.rejects(watched.opened)
  assert.match(String(watched.failures[0]), /RuntimeError: unreachable/)
}

/** Changes the text, which must hold what is to be changed. */
const replacing = (path: string, from: string, to: string): Readonly<Record<string, (text: string) => string>> => ({
  [`${folder}/${path}`]: text => {
    assert.ok(text.includes(from), `${path} has no ${from}`)
    return text.replace(from, to)
  },
})

const mistakes: readonly (readonly [string, Representation, Readonly<Record<string, (text: string) => string>>?])[] = [
  ['plain products took less than the points need', { ...plain, productLimit: 8 }],
  ['plain squares took less than decoding needs', { ...plain, squareLimit: 2 }],
  ['decoding did not bring y back to one unit', fused, replacing('decode.ts', 'addReduced(y + i, y + i, zero)', '')],
  ['a point was left unfinished', plain, replacing('point.ts', 'multiply(point, e, f)', 'addReduced(point, e, f)')],
]
for (const [name, representation, mistake] of mistakes) {
  const { skip } = engineChoices[representation.name === 'fused' ? 0 : 1]!
  test(`a checked build would stop if ${name}`, { skip }, async context => {
    await assertStops(context, representation, mistake)
  })
}

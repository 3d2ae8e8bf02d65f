// `npm run bench -- NAME`: measures one thing side by side, prints a table and writes bench/results/NAME.json. Run alone: the
// machines are shared, so only ratios within one run mean anything.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureColdStart } from './cold-start.ts'
import { measureCrypto } from './crypto.ts'
import { measureFirstVisit } from './first-visit.ts'
import { measureLedger } from './ledger.ts'
import { measureLight } from './light.ts'
import { measureTree } from './tree.ts'
import { measureWidget } from './widget.ts'

export type Row = Readonly<Record<string, string | number>>

export type Outcome = {
  /** What is written. */
  readonly rows: readonly Row[]
  /** What is printed, where that is more. */
  readonly table?: readonly Row[]
  readonly notes?: readonly string[]
  /** False for a part or a rehearsal, which is written as NAME.json.tmp and never committed. */
  readonly isWhole: boolean
}

/** Each is given what stands after its name. */
const benches: Readonly<Record<string, (words: readonly string[]) => Promise<Outcome>>> = {
  crypto: measureCrypto,
  ledger: () => measureLedger(),
  light: measureLight,
  'cold-start': measureColdStart,
  'first-visit': measureFirstVisit,
  tree: measureTree,
  widget: async () => ({ rows: await measureWidget(), isWhole: true }),
}

const [name = '', ...words] = process.argv.slice(2)
const bench = benches[name]
if (!bench) {
  console.error(`Benchmarks: ${Object.keys(benches).join(', ')}`)
  process.exit(1)
}
const { rows, table = rows, notes = [], isWhole } = await bench(words)
console.table(table)
for (const note of notes) console.log(note)
const folder = join(import.meta.dirname, 'results')
const path = join(folder, isWhole ? `${name}.json` : `${name}.json.tmp`)
mkdirSync(folder, { recursive: true })
writeFileSync(path, `${JSON.stringify({ rows }, null, 2)}\n`)
console.log(`Written to ${path}`)

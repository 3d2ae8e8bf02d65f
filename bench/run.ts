// `npm run bench -- NAME`: measures one thing side by side, prints a table and writes bench/results/NAME.json. Run alone: the
// machines are shared, so only ratios within one run mean anything.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureWidget } from './widget.ts'

export type Row = Readonly<Record<string, string | number>>

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = { widget: measureWidget }

const name = process.argv[2] ?? ''
const bench = benches[name]
if (!bench) {
  console.error(`Benchmarks: ${Object.keys(benches).join(', ')}`)
  process.exit(1)
}
const rows = await bench()
console.table(rows)
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ rows }, null, 2)}\n`)

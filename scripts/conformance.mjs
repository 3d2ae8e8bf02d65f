// `npm run conformance`: runs what compares us with public vectors, real chains and other people's programs, and writes what
// came of it to docs/conformance.md. It is written only where nothing failed and nothing was skipped.

import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { requireNode, root, runNode } from './run.mjs'

requireNode()
const report = join(root, 'test', 'output', 'conformance.jsonl')
mkdirSync(join(root, 'test', 'output'), { recursive: true })
rmSync(report, { force: true })
const parts = [
  ['Public vectors, real chains, and our own frozen formats', 'test/conformance/*.test.ts'],
  ["Beside other people's programs (CometBFT v0.40.0, cosmos/ics23, golang.org/x/mod)", 'test/interop/*.test.ts'],
]
const files = parts.flatMap(([, glob]) => globSync(glob, { cwd: root }).sort())
const reporters = [
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  '--test-reporter=./scripts/test-reporter.mjs',
  `--test-reporter-destination=${report}`,
]
const run = ['--conditions=source', '--test', '--test-concurrency=2', '--test-force-exit', '--test-timeout=900000']
const code = await runNode([...run, ...reporters, ...files])
const results = readFileSync(report, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map(line => JSON.parse(line))
const bad = results.filter(({ outcome }) => outcome !== 'passed')
if (code !== 0 || bad.length > 0) {
  for (const { name, outcome, reason } of bad) console.log(`${outcome}: ${name}: ${reason}`)
  console.log('The report is not written.')
  process.exit(1)
}
const lines = [
  '# Conformance report',
  '',
  `Made by \`npm run conformance\`: ${results.length} tests, all passed. Each line is a test's own name; the vectors lie outside the repository, as`,
  '`test/vectors.ts` says, and the programs are built from their public sources where Go is at hand.',
]
for (const [title, glob] of parts) {
  lines.push('', `## ${title}`)
  for (const file of globSync(glob, { cwd: root }).sort()) {
    const own = results.filter(result => basename(result.file) === basename(file))
    lines.push('', `**${basename(file, '.test.ts')}**`, '')
    for (const { name } of own) lines.push(`- ${name}`)
  }
}
writeFileSync(join(root, 'docs', 'conformance.md'), `${lines.join('\n')}\n`)
console.log(`docs/conformance.md: ${results.length} tests`)

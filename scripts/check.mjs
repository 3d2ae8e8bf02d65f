// `npm run check`: what a machine can say about the source without running it.

import { commandOf, requireNode, runNode } from './run.mjs'

requireNode()
const tsc = await commandOf('typescript', 'tsc')
const checks = [
  ['format and lint', [await commandOf('@biomejs/biome', 'biome'), 'check', '.']],
  ...['sdk', 'web-components', 'node', 'test', 'bench'].map(name => [
    `types of ${name}`,
    [tsc, '-p', `${name}/tsconfig.test.json`],
  ]),
  ['types of demo', [tsc, '-p', 'demo/tsconfig.json']],
  ['public names', ['scripts/api.mjs']],
  ['what editors know', ['--no-warnings', 'scripts/manifest.mjs']],
  ['packages', ['scripts/check-packages.mjs']],
  ['the tidy test', ['--conditions=source', '--test', '--test-reporter=dot', 'test/tidy.test.ts']],
  ['dead code', [await commandOf('knip'), '--no-progress']],
]
let failed = 0
for (const [name, args] of checks) {
  const code = await runNode(args)
  console.log(`check: ${name}: ${code === 0 ? 'good' : 'FAILED'}`)
  if (code !== 0) failed++
}
process.exit(failed === 0 ? 0 : 1)

// `npm test`: checks, unit, conformance, interop, then pages in a real browser; ends with one line that adds it all up.
// `npm test -- PATTERN…` runs only the node tests whose path holds one of the patterns; `-- e2e` only the pages.

import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandOf, requireNode, root, runNode } from './run.mjs'

requireNode()
const patterns = process.argv.slice(2)
const output = join(root, 'test', 'output')
mkdirSync(output, { recursive: true })
const totals = { passed: 0, failed: 0, skipped: 0 }

function wanted(path) {
  return patterns.length === 0 || patterns.some(pattern => path.includes(pattern))
}

function count(results, runner) {
  for (const { name, outcome, reason } of results) {
    // In CI a missing Chromium, Go or set of vectors is a failure, and a skip that does not say why is one anywhere.
    const missingTool = process.env.CI === 'true' && /^no (Chromium|Go|vectors)\b/.test(reason)
    const mustRun = outcome === 'skipped' && (missingTool || reason === '')
    totals[mustRun ? 'failed' : outcome]++
    if (outcome === 'skipped')
      console.log(
        `${mustRun ? 'FAILED: skipped in CI' : 'skipped'}: ${runner}: ${name}: ${reason || 'no reason given'}`,
      )
  }
}

async function whole(name, args) {
  const code = await runNode(args)
  count([{ name, outcome: code === 0 ? 'passed' : 'failed', reason: '' }], 'scripts')
  if (code !== 0) console.log(`FAILED: ${name}`)
  return code === 0
}

async function nodeTests() {
  const globs = ['{sdk,node,web-components,demo}/{src,server}/**/*.test.ts', 'test/**/*.test.ts']
  const files = globSync(globs, { cwd: root, exclude: path => path.includes('node_modules') })
    .filter(wanted)
    .sort()
  if (files.length === 0) return
  const report = join(output, 'node.jsonl')
  rmSync(report, { force: true })
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./scripts/test-reporter.mjs',
    `--test-reporter-destination=${report}`,
  ]
  const code = await runNode([
    '--conditions=source',
    '--test',
    '--test-concurrency=2',
    '--test-force-exit',
    '--test-timeout=900000',
    ...reporters,
    ...files,
  ])
  const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : []
  const results = lines.map(line => JSON.parse(line))
  count(results, 'node')
  for (const { outcome, name, file, error } of results)
    if (outcome === 'failed') console.log(`FAILED: ${file}: ${name}: ${error}`)
  if (results.length === 0 || (code !== 0 && totals.failed === 0)) totals.failed++
}

async function pageTests() {
  const specs = globSync('test/e2e/**/*.spec.ts', { cwd: root })
  if (specs.length === 0 || !wanted('test/e2e')) return
  const report = join(output, 'pages.json')
  rmSync(report, { force: true })
  const code = await runNode(
    [
      await commandOf('@playwright/test', 'playwright'),
      'test',
      '--config',
      'test/e2e/playwright.config.ts',
      '--reporter=list,json',
    ],
    {
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    },
  )
  const results = existsSync(report) ? [...specsOf(JSON.parse(readFileSync(report, 'utf8')))] : []
  count(results, 'pages')
  if (results.length === 0 || (code !== 0 && totals.failed === 0)) totals.failed++
}

function* specsOf(suite) {
  for (const inner of suite.suites ?? []) yield* specsOf(inner)
  for (const spec of suite.specs ?? []) {
    for (const test of spec.tests) {
      const outcome = test.status === 'skipped' ? 'skipped' : test.status === 'unexpected' ? 'failed' : 'passed'
      yield {
        name: spec.title,
        outcome,
        reason: test.annotations.find(({ type }) => type === 'skip')?.description ?? '',
      }
    }
  }
}

const built = await whole('npm run build', ['scripts/build.mjs'])
if (patterns.length === 0) await whole('npm run check', ['scripts/check.mjs'])
if (built) {
  await nodeTests()
  await pageTests()
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1)

// `npm run soak`: the tests that find more the longer they run, with far more cases than `npm test` has. Two processes change
// valid answers, each from a seed of its own; then signatures beside noble's, and the ledger beside its model. MUTATIONS
// (of both together), CASES_PER_KIND, MODEL_STEPS and SEED may be given; a failure names the seed that repeats it.

import { spawnSync } from 'node:child_process'
import { requireNode, root, runNode } from './run.mjs'

requireNode()
const number = (name, otherwise) => Number(process.env[name] ?? otherwise)
const mutations = number('MUTATIONS', 1_000_000)
const casesPerKind = number('CASES_PER_KIND', 2_500)
const modelSteps = number('MODEL_STEPS', 20_000)
const seed = number('SEED', Date.now() % 2 ** 31)
const seeds = [seed, seed + 1]
const began = performance.now()
const tried = commit()

const runTest = (file, env) => runNode(['--conditions=source', '--test', '--test-timeout=14400000', file], { env })
const minutesSince = start => ((performance.now() - start) / 60_000).toFixed(1)

const mutated = await Promise.all(
  seeds.map((mutationSeed, index) => {
    const share = index === 0 ? Math.ceil(mutations / 2) : Math.floor(mutations / 2)
    const env = { MUTATIONS: String(share), MUTATION_SEED: String(mutationSeed) }
    return runTest('test/mutation/mutation.test.ts', env)
  }),
)
console.log(`${mutations} changed answers after ${minutesSince(began)} min`)
const compared = await runTest('test/conformance/ed25519-differential.test.ts', {
  MUNIMENT_CASES_PER_KIND: String(casesPerKind),
  MUNIMENT_SEED: `soak ${seed}`,
})
const modelled = await runTest('node/src/ledger/model.test.ts', {
  MODEL_STEPS: String(modelSteps),
  MODEL_SEED: String(seed),
})

const codes = [...mutated, compared, modelled]
const failed = codes.filter(code => code !== 0).length
console.log(
  `soak: commit ${tried}, seed ${seed}: ${mutations} changed answers, ${8 * casesPerKind} signatures, ` +
    `${modelSteps} steps of the ledger, ${minutesSince(began)} min, ${failed === 0 ? 'nothing found' : `${failed} runs FAILED`}`,
)
process.exit(failed === 0 ? 0 : 1)

/** The commit that was tried, marked where files differ from it. */
function commit() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  const name = git('rev-parse', '--short', 'HEAD').stdout?.trim()
  if (!name) return 'unknown'
  return git('diff', '--quiet', 'HEAD').status === 0 ? name : `${name} (changed)`
}

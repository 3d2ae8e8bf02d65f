// `npm run soak`: the tests that find more the longer they run, with far more cases than `npm test` has. Two processes change
// valid answers, each from a seed of its own; two more do it to a light client while it asks, one on any chain, one on a network
// of ours; then two compare the verdicts on signatures with noble's; then guards are compared with cel-go (skipped without Go) and
// @bufbuild/cel; then the ledger runs beside its models and under the noise of all services, service files are broken at every place,
// a node is killed again and again, the light client follows a day of headers in flat memory, and a real CometBFT network has
// everything happen to it (skipped without Go).
// MUTATIONS, PROVIDER_ANSWERS and SIGNATURES (of both processes together), GUARDS, MODEL_STEPS, FUZZ_CASES, PLACES, KILLS, LIGHT_HEADERS, NETWORK_ROUNDS and SEED
// may be given; a failure names the seed that repeats it.

import { spawnSync } from 'node:child_process'
import { requireNode, root, runNode } from './run.mjs'

requireNode()
const number = (name, otherwise) => Number(process.env[name] ?? otherwise)
const mutations = number('MUTATIONS', 1_000_000)
const providerAnswers = number('PROVIDER_ANSWERS', 1_000_000)
const signatures = number('SIGNATURES', 1_000_000)
const guards = number('GUARDS', 1_000_000)
const modelSteps = number('MODEL_STEPS', 20_000)
const caseTransactions = number('FUZZ_CASES', 100_000)
const kills = number('KILLS', 200)
/** More than there are. */
const places = number('PLACES', 100_000)
const lightHeaders = number('LIGHT_HEADERS', 17_280)
const networkRounds = number('NETWORK_ROUNDS', 200)
const seed = number('SEED', Date.now() % 2 ** 31)
const seeds = [seed, seed + 1]
const began = performance.now()
const tried = commit()

const runTest = (file, env) => runNode(['--conditions=source', '--test', '--test-timeout=14400000', file], { env })
const minutesSince = start => ((performance.now() - start) / 60_000).toFixed(1)

// In a fresh clone the modules are not there yet, and then everything would go by noble.
if ((await runNode(['scripts/build-assembly.mjs'])) !== 0) process.exit(1)

const halfOf = (all, index) => String(index === 0 ? Math.ceil(all / 2) : Math.floor(all / 2))

const mutated = await Promise.all(
  seeds.map((mutationSeed, index) => {
    const env = { MUTATIONS: halfOf(mutations, index), MUTATION_SEED: String(mutationSeed) }
    return runTest('test/mutation/mutation.test.ts', env)
  }),
)
console.log(`${mutations} changed answers after ${minutesSince(began)} min`)
const lied = await Promise.all(
  ['test/fuzz-provider.test.ts', 'test/fuzz-provider-network.test.ts'].map((file, index) => {
    const env = { PROVIDER_ANSWERS: halfOf(providerAnswers, index), PROVIDER_SEED: String(seeds[index]) }
    return runTest(file, env)
  }),
)
console.log(`${providerAnswers} syncs and readings after ${minutesSince(began)} min`)
const compared = await Promise.all(
  seeds.map((signatureSeed, index) => {
    const env = { MUNIMENT_SIGNATURES: halfOf(signatures, index), MUNIMENT_SEED: `soak ${signatureSeed}` }
    return runTest('test/conformance/ed25519-differential.test.ts', env)
  }),
)
console.log(`${signatures} signatures after ${minutesSince(began)} min`)
const guarded = await runTest('test/interop/cel-go.test.ts', { GUARDS: String(guards), GUARD_SEED: String(seed) })
console.log(`${guards} guards by each of two others after ${minutesSince(began)} min`)
const modelled = await runTest('node/src/ledger/model.test.ts', {
  MODEL_STEPS: String(modelSteps),
  MODEL_SEED: String(seed),
})
const modulesModelled = await runTest('node/src/ledger/modules-model.test.ts', {
  MODEL_STEPS: String(modelSteps),
  MODEL_SEED: String(seed),
})
const fuzzed = await runTest('node/src/ledger/case-fuzz.test.ts', {
  FUZZ_CASES: String(caseTransactions),
  FUZZ_SEED: String(seed),
})
const strange = await runTest('test/service-hostile.test.ts', { PLACES: String(places), PLACES_SEED: String(seed) })
const obligationsModelled = await runTest('node/src/ledger/obligations-model.test.ts', {
  MODEL_STEPS: String(modelSteps),
  MODEL_SEED: String(seed),
})
const killed = await runTest('test/kill.test.ts', { KILLS: String(kills), KILL_SEED: String(seed) })
console.log(`${kills} kills after ${minutesSince(began)} min`)
const followed = await runTest('test/light-memory.test.ts', { LIGHT_HEADERS: String(lightHeaders) })
const lived = await runTest('test/interop/light-network-churn.test.ts', {
  NETWORK_ROUNDS: String(networkRounds),
  NETWORK_SEED: String(seed),
})

const codes = [
  ...mutated,
  ...lied,
  ...compared,
  guarded,
  modelled,
  modulesModelled,
  obligationsModelled,
  fuzzed,
  strange,
  killed,
  followed,
  lived,
]
const failed = codes.filter(code => code !== 0).length
console.log(
  `soak: commit ${tried}, seed ${seed}: ${mutations} changed answers, ` +
    `${providerAnswers} syncs and readings, ${signatures} signatures, ${guards} guards, ${modelSteps} steps of the ledger, ${caseTransactions} transactions of cases, ${places} places of service files, ${kills} kills, ` +
    `${lightHeaders} headers followed, ${networkRounds} rounds of a network, ${minutesSince(began)} min, ${failed === 0 ? 'nothing found' : `${failed} runs FAILED`}`,
)
process.exit(failed === 0 ? 0 : 1)

/** The commit that was tried, marked where files differ from it. */
function commit() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  const name = git('rev-parse', '--short', 'HEAD').stdout?.trim()
  if (!name) return 'unknown'
  return git('diff', '--quiet', 'HEAD').status === 0 ? name : `${name} (changed)`
}

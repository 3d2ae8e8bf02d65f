// `npm run scenario -- all`: every service's stories on a running node, what they say verified by the light client. `npm run scenario --
// civil` plays those whose name holds the word. The last line adds it all up; anything less than everything fails.

import { fileURLToPath } from 'node:url'
import { loadCrypto, type Procedure } from '@muniment/sdk'
import { coverageOf } from './coverage.ts'
import { createLiveStage } from './live-stage.ts'
import { playScenario, type Seen } from './play.ts'
import { readTold } from './told.ts'

const folder = fileURLToPath(new URL('../../../services', import.meta.url))

async function run(word: string): Promise<number> {
  const crypto = await loadCrypto()
  const { services, procedures, files, country } = readTold(folder, crypto)
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  const sums = { services: 0, scenarios: 0, attacks: 0, attacksHeld: 0, failed: 0 }
  for (const { id: own, scenarios } of services) {
    if (word !== 'all' && !own.includes(word)) continue
    sums.services += 1
    // A chain of its own, so that no story waits for another's years.
    const stage = await createLiveStage(country, crypto)
    try {
      for (const scenario of scenarios) {
        const began = performance.now()
        const failure = await playScenario(scenario, { stage, procedures, files, own, seen })
        sums.scenarios += 1
        if (failure) sums.failed += 1
        if (scenario.attack !== undefined) {
          sums.attacks += 1
          if (!failure) sums.attacksHeld += 1
        }
        const word = failure ? `FAILED at step ${failure.place}: ${failure.sentence}` : 'as told'
        console.log(`${own}: ${scenario.name}: ${word} (${Math.round(performance.now() - began)} ms)`)
      }
    } finally {
      await stage.stop()
    }
  }
  await crypto.close()
  const played = services.filter(({ id }) => word === 'all' || id.includes(word)).map(({ id }) => procedures.get(id)!)
  return report(played, seen, sums)
}

function report(
  played: readonly Procedure[],
  seen: Seen,
  sums: { services: number; scenarios: number; attacks: number; attacksHeld: number; failed: number },
): number {
  const covered = played.map(procedure => coverageOf(procedure, seen))
  const missing = covered.flatMap(each => each.missing)
  for (const sentence of missing) console.log(sentence)
  const count = (of: (each: (typeof covered)[number]) => number): number =>
    covered.reduce((sum, each) => sum + of(each), 0)
  const steps = count(each => each.steps)
  const guards = count(each => each.guards)
  const links = count(each => each.links)
  const stepsSeen = steps - count(each => each.stepsMissing)
  const guardsSeen = guards - count(each => each.guardsMissing)
  const linksSeen = links - count(each => each.linksMissing)
  console.log(
    `${sums.services} services, ${sums.scenarios} scenarios, transitions ${stepsSeen} of ${steps}, guards ${guardsSeen} of ${guards}, ` +
      `attacks ${sums.attacksHeld} of ${sums.attacks}, links ${linksSeen} of ${links}, ${sums.failed} failed`,
  )
  return sums.failed + missing.length === 0 && sums.services > 0 ? 0 : 1
}

process.exit(await run(process.argv[2] ?? 'all'))

// `npm run scenario -- all`: every service's stories on a running node, what they say verified by the light client. `npm run scenario --
// civil` plays those whose name holds the word. The last line adds it all up; anything less than everything fails.

import { fileURLToPath } from 'node:url'
import { loadCrypto, type Procedure } from '@muniment/sdk'
import { coverageOf } from './coverage.ts'
import { createLiveStage } from './live-stage.ts'
import type { Seen } from './play.ts'
import { formatPlayed, playStories, readFolder, readStories } from './stories.ts'

const folder = fileURLToPath(new URL('../../../services', import.meta.url))

async function run(word: string): Promise<number> {
  const crypto = await loadCrypto()
  const all = readStories(readFolder(folder), crypto)
  const tellers = all.tellers.filter(({ id }) => word === 'all' || id.includes(word))
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }
  const sums = { services: tellers.length, scenarios: 0, attacks: 0, attacksHeld: 0, failed: 0 }
  for await (const played of playStories({ ...all, tellers }, country => createLiveStage(country, crypto), seen)) {
    const isAttack = played.scenario.attack !== undefined
    sums.scenarios += 1
    if (played.failure) sums.failed += 1
    if (isAttack) sums.attacks += 1
    if (isAttack && !played.failure) sums.attacksHeld += 1
    console.log(formatPlayed(played))
  }
  await crypto.close()
  const procedures = tellers.map(({ id }) => all.procedures.get(id)!)
  return report(procedures, seen, sums)
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

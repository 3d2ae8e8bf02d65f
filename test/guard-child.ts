// Prints a digest of the answers to many guards, as this process's zone and locale have them.

import { createHash } from 'node:crypto'
import { checkGuard, evaluateGuard, type GuardEnvironment, parseGuard } from '@muniment/sdk'
import { answerGuard, makeGuard, seededRandom } from './guard-cases.ts'

const digest = createHash('sha256')
const random = seededRandom(11)
for (let i = 0; i < 1_500; i++) {
  const guard = makeGuard(random, 4)
  digest.update(`${guard.text} ${answerGuard(guard).join(' ')}\n`)
}
// Each quarter of an hour from a day before the clocks change to a day after, in spring and autumn.
const environment: GuardEnvironment = { variables: { now: { type: { kind: 'timestamp' } } }, functions: {} }
const days = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']
for (const day of days) {
  const source = `now + days(1) - duration('1h') >= timestamp('${day}T00:30:00Z') && now < timestamp('${day}T02:30:00Z')`
  const checked = checkGuard(parseGuard(source), environment)
  const noon = BigInt(Date.parse(`${day}T12:00:00Z`) / 1_000)
  for (let quarter = -96n; quarter < 96n; quarter++) {
    const now = { kind: 'timestamp', seconds: noon + quarter * 900n } as const
    digest.update(JSON.stringify(evaluateGuard(checked, { variables: new Map([['now', now]]) })))
  }
}
// The hour proves to the test that the zone was taken on.
console.log(`${digest.digest('hex')} ${new Date(Date.UTC(2026, 6, 1)).getHours()}`)

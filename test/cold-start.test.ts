// A device that has slept for a month opens a record: in a real Chromium, from a checkpoint of thirty days ago, over both of a
// node's doors. After the dial it waits for the node twice.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ColdStartBrowser, openColdStartBrowser } from '../bench/cold-start/browser.ts'
import { type OldNetworkPlan, startOldNetwork } from '../bench/cold-start/network.ts'
import { findBrowser } from './e2e/browser.ts'

const roundTripsMax = 2
/** Long enough that what is asked at once is answered at once, whatever a busy machine does meanwhile. */
const latencyMs = 150

const found = await findBrowser()

describe('in Chromium', { skip: found === undefined ? 'no Chromium is installed' : false }, () => {
  let browser: ColdStartBrowser
  before(async () => {
    browser = (await openColdStartBrowser())!
  })
  after(() => browser.close())

  const plans: readonly [string, OldNetworkPlan][] = [
    ['four validators', { validators: 4, replaced: 0, witnessed: true }],
    ['ten validators, of which two were replaced since', { validators: 10, replaced: 2, witnessed: true }],
    [
      'ten validators, and no witness who says which head is the newest',
      { validators: 10, replaced: 2, witnessed: false },
    ],
  ]
  for (const [words, plan] of plans) {
    for (const transport of ['http', 'webrtc'] as const) {
      test(`from a checkpoint of a month ago to a verified record in two round trips over ${transport}: ${words}`, async context => {
        const network = await startOldNetwork(plan)
        try {
          const figures = await browser.start({ network, transport, latencyMs })
          context.diagnostic(`${figures.questions} questions in ${figures.roundTrips} round trips`)
          assert.equal(figures.code, 'current')
          assert.ok(figures.questions > 0 && figures.roundTrips <= roundTripsMax, `${figures.roundTrips} round trips`)
          // It waited for the node as often as that, and not a third time.
          assert.ok(figures.network < (roundTripsMax + 1) * latencyMs, `${figures.network} ms`)
        } finally {
          await network.close()
        }
      })
    }
  }
})

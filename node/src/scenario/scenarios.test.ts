import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadCrypto } from '@muniment/sdk'
import { coverageOf } from './coverage.ts'
import { createMemoryStage } from './memory-stage.ts'
import { playScenario, type Seen } from './play.ts'
import { readFolder, readStories } from './stories.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const { tellers, country, ...given } = readStories(
  readFolder(fileURLToPath(new URL('../../../services', import.meta.url))),
  crypto,
)

describe('each service tells stories that come out as told', () => {
  // Links are told by one service and seen by another: what was seen is gathered over all.
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }

  for (const { id, scenarios } of tellers) {
    const stage = createMemoryStage(country, crypto)
    for (const scenario of scenarios)
      it(`${id}: ${scenario.name}`, async () => {
        assert.equal(await playScenario(scenario, { ...given, stage, own: id, seen }), undefined)
      })
  }

  for (const { id } of tellers)
    it(`${id}: every step is taken, every guard is seen open and closed`, () => {
      assert.deepEqual(coverageOf(given.procedures.get(id)!, seen).missing, [])
    })
})

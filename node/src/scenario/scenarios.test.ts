import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeProcedure, encodeCanonicalJson, type JsonObject, loadCrypto, type Procedure } from '@muniment/sdk'
import { readScenarioFile, readServiceFile } from '../catalogue.ts'
import { countryOf } from './country.ts'
import { coverageOf } from './coverage.ts'
import { createMemoryStage } from './memory-stage.ts'
import { playScenario, type Seen } from './play.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const folder = fileURLToPath(new URL('../../../services', import.meta.url))
const files = readdirSync(folder)
  .filter(name => name.endsWith('.yaml'))
  .map(name => ({ name, json: readServiceFile(join(folder, name)) }))
  .filter(({ json }) => json.states !== undefined)
const procedures = new Map<string, Procedure>(
  files.map(({ json }) => [String(json.service), decodeProcedure(encodeCanonicalJson(json))]),
)
const country: JsonObject = countryOf(
  crypto,
  files.map(({ json }) => json),
  [...procedures.values()],
)

describe('each service tells stories that come out as told', () => {
  // Links are told by one service and seen by another: what was seen is gathered over all.
  const seen: Seen = { taken: new Set(), open: new Set(), closed: new Set() }

  for (const { name, json } of files) {
    const stage = createMemoryStage(country, crypto)
    for (const scenario of readScenarioFile(join(folder, name)))
      it(`${json.service}: ${scenario.name}`, async () => {
        const own = String(json.service)
        assert.equal(await playScenario(scenario, { stage, procedures, own, seen }), undefined)
      })
  }

  for (const [id, procedure] of procedures)
    it(`${id}: every step is taken, every guard is seen open and closed`, () => {
      assert.deepEqual(coverageOf(procedure, seen).missing, [])
    })
})

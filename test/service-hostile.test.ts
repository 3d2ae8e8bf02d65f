// A service file with any one value in it replaced, by each of a few that belong nowhere: the ledger refuses it with a typed error or takes
// it, and so does the linter; neither falls over. PLACES says how many places are tried, all of them in the soak.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  admitService,
  decodeServiceActs,
  encodeCanonicalJson,
  type Json,
  type JsonObject,
  lintService,
  VerifyError,
} from '@muniment/sdk'
import { readCatalogue } from '../node/src/catalogue.ts'
import { randomOf } from './mutation/mutate.ts'

const placesTried = Number(process.env.PLACES ?? 150)
const seed = Number(process.env.PLACES_SEED ?? 20_261_124)
const files = readCatalogue(fileURLToPath(new URL('../services', import.meta.url)))
const strangers: readonly Json[] = [
  null,
  0,
  -1,
  2 ** 40,
  true,
  '',
  'x',
  '__proto__',
  [],
  {},
  [null],
  [[]],
  ['x', 'x'],
  { do: null },
]

type Place = readonly (string | number)[]

function* placesOf(value: Json, path: Place = []): Generator<Place> {
  yield path
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) yield* placesOf(inner, [...path, name])
}

function replaced(value: Json, [name, ...rest]: Place, stranger: Json): Json {
  if (name === undefined) return stranger
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === name ? replaced(each, rest, stranger) : each))
  return { ...(value as JsonObject), [name]: replaced((value as JsonObject)[name]!, rest, stranger) }
}

/** Undefined where it was taken, or refused as it should be. */
function fault(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof VerifyError ? undefined : error
  }
}

test(`a service file with something strange at any place is refused in words, or taken (${placesTried} places, seed ${seed})`, () => {
  const random = randomOf(seed)
  const all = files.flatMap(file => [...placesOf(file)].slice(1).map(place => ({ file, place })))
  const tried = placesTried >= all.length ? all : Array.from({ length: placesTried }, () => all[random(all.length)]!)
  let [taken, refused] = [0, 0]
  for (const { file, place } of tried)
    for (const stranger of strangers) {
      const json = replaced(file, place, stranger) as JsonObject
      const bytes = encodeCanonicalJson(json)
      const told = `${String(file.service)}: ${place.join('.')} = ${JSON.stringify(stranger)}`
      let isTaken = false
      assert.equal(
        fault(() => {
          admitService(bytes)
          isTaken = true
        }),
        undefined,
        told,
      )
      assert.equal(
        fault(() => decodeServiceActs(bytes)),
        undefined,
        told,
      )
      if (isTaken) taken++
      else refused++
      const findings = lintService(json)
      assert.ok(
        isTaken || findings.some(({ severity }) => severity === 'error'),
        `the linter passes what the ledger refuses: ${told}`,
      )
    }
  assert.ok(taken > 0 && refused > taken)
})

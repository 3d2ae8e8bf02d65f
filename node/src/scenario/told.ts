// The catalogue as scenarios need it: every service with cases, and the examples that stories add to a running chain.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decodeProcedure, encodeCanonicalJson, type Hasher, type JsonObject, type Procedure } from '@muniment/sdk'
import { readScenarioFile, readServiceFile } from '../catalogue.ts'
import { countryOf } from './country.ts'
import type { Scenario } from './read.ts'

export type Told = {
  readonly services: readonly { readonly id: string; readonly scenarios: readonly Scenario[] }[]
  /** Of all services and examples, and of the versions that stories make of these. */
  readonly procedures: ReadonlyMap<string, Procedure>
  /** Examples by the names of their files. */
  readonly files: ReadonlyMap<string, JsonObject>
  /** The genesis file's app_state, without the examples. */
  readonly country: JsonObject
}

const exampleVersionsMax = 5

/** Throws HomeError that names the file. */
export function readTold(folder: string, hasher: Hasher): Told {
  const services = filesOf(folder).filter(({ json }) => json.states !== undefined)
  const examples = existsSync(join(folder, 'examples')) ? filesOf(join(folder, 'examples')) : []
  const own = services.map(({ json }) => procedureOf(json))
  const added = examples.flatMap(({ json }) =>
    Array.from({ length: exampleVersionsMax }, (_, version) =>
      procedureOf({ ...json, service: String(json.service).replace(/@.*/, `@${version + 1}`) }),
    ),
  )
  return {
    services: services.map(({ path, json }) => ({ id: String(json.service), scenarios: readScenarioFile(path) })),
    procedures: new Map([...own, ...added].map(procedure => [procedure.service.id, procedure])),
    files: new Map(examples.map(({ name, json }) => [name, json])),
    country: countryOf(
      hasher,
      services.map(({ json }) => json),
      [...own, ...added],
    ),
  }
}

function filesOf(
  folder: string,
): readonly { readonly name: string; readonly path: string; readonly json: JsonObject }[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.yaml'))
  return names.sort().map(name => ({ name, path: join(folder, name), json: readServiceFile(join(folder, name)) }))
}

function procedureOf(json: JsonObject): Procedure {
  return decodeProcedure(encodeCanonicalJson(json))
}

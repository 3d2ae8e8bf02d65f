// What scenarios need: service files with their stories, the services beside them, the examples that stories add to a running chain,
// and the country in which all of them play.

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { decodeProcedure, encodeCanonicalJson, type Hasher, type JsonObject, type Procedure } from '@muniment/sdk'
import { readScenarioFile, readServiceFile } from '../catalogue.ts'
import { systemError } from '../home-error.ts'
import { countryOf } from './country.ts'
import { type Failure, playScenario, type Seen, type Stage } from './play.ts'
import type { Scenario } from './read.ts'

export type ServiceFile = {
  readonly path: string
  readonly json: JsonObject
  /** Undefined for a service without cases. */
  readonly procedure: Procedure | undefined
}

type Teller = { readonly id: string; readonly scenarios: readonly Scenario[] }

export type Stories = {
  /** Those whose stories are played. */
  readonly tellers: readonly Teller[]
  /** Of all services and examples, and of the versions that stories make of these. */
  readonly procedures: ReadonlyMap<string, Procedure>
  /** Examples by the names of their files. */
  readonly files: ReadonlyMap<string, JsonObject>
  /** The genesis file's app_state, without the examples. */
  readonly country: JsonObject
}

const exampleVersionsMax = 5

/** Throws HomeError, which names the file. */
export function readFile(path: string): ServiceFile {
  const json = readServiceFile(path)
  return { path, json, procedure: json.states === undefined ? undefined : procedureOf(json) }
}

/** Every service of a folder, in the order of the files' names. Throws HomeError. */
export function readFolder(folder: string): readonly ServiceFile[] {
  return pathsIn(folder).map(readFile)
}

/** Services of the same folders, the files themselves not among them. Throws HomeError. */
export function readNeighbours(paths: readonly string[]): readonly ServiceFile[] {
  const own = new Set(paths.map(path => resolve(path)))
  const folders = [...new Set([...own].map(path => dirname(path)))]
  return folders.flatMap(folder =>
    pathsIn(folder)
      .filter(path => !own.has(path))
      .map(readFile),
  )
}

/** Of `files`, with the services beside them and the examples in the folder below. Throws HomeError. */
export function readStories(files: readonly ServiceFile[], hasher: Hasher): Stories {
  const paths = files.map(({ path }) => path)
  const folders = [...new Set(paths.map(path => join(dirname(resolve(path)), 'examples')))]
  const examples = folders.filter(existsSync).flatMap(readFolder)
  const own = [...files, ...readNeighbours(paths)].flatMap(({ json, procedure }) =>
    procedure ? [{ json, procedure }] : [],
  )
  const added = examples.flatMap(({ json }) =>
    Array.from({ length: exampleVersionsMax }, (_, version) =>
      procedureOf({ ...json, service: String(json.service).replace(/@.*/, `@${version + 1}`) }),
    ),
  )
  const procedures = [...own.map(({ procedure }) => procedure), ...added]
  return {
    tellers: files.flatMap(({ path, procedure }) =>
      procedure ? [{ id: procedure.service.id, scenarios: readScenarioFile(path) }] : [],
    ),
    procedures: new Map(procedures.map(procedure => [procedure.service.id, procedure])),
    files: new Map(examples.map(({ path, json }) => [path.slice(dirname(path).length + 1), json])),
    country: countryOf(
      hasher,
      own.map(({ json }) => json),
      procedures,
    ),
  }
}

export type Played = {
  readonly service: string
  readonly scenario: Scenario
  readonly failure: Failure | undefined
  readonly milliseconds: number
}

/** Each service has a stage of its own, so that no story waits for another's years. What was seen is gathered over all. */
export async function* playStories(
  { tellers, country, ...given }: Stories,
  raise: (country: JsonObject) => Promise<Stage & { readonly stop?: () => Promise<void> }>,
  seen: Seen,
): AsyncGenerator<Played> {
  for (const { id: service, scenarios } of tellers) {
    const stage = await raise(country)
    try {
      for (const scenario of scenarios) {
        const began = performance.now()
        const failure = await playScenario(scenario, { ...given, stage, own: service, seen })
        yield { service, scenario, failure, milliseconds: performance.now() - began }
      }
    } finally {
      await stage.stop?.()
    }
  }
}

/** What became of a story, in one line. */
export function formatPlayed({ service, scenario, failure, milliseconds }: Played): string {
  const word = failure ? `FAILED at step ${failure.place}: ${failure.sentence}` : 'as told'
  return `${service}: ${scenario.name}: ${word} (${Math.round(milliseconds)} ms)`
}

function pathsIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter(name => name.endsWith('.yaml'))
    return names.sort().map(name => join(folder, name))
  } catch (error) {
    throw systemError(error, folder) ?? error
  }
}

function procedureOf(json: JsonObject): Procedure {
  return decodeProcedure(encodeCanonicalJson(json))
}

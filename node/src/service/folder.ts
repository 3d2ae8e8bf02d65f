// The services that stand beside a file, and the stories of them all in one small country.

import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Crypto, decodeProcedure, encodeCanonicalJson, type JsonObject, type Procedure } from '@muniment/sdk'
import { readScenarioFile, readServiceFile } from '../catalogue.ts'
import { systemError } from '../home-error.ts'
import { countryOf } from '../scenario/country.ts'
import { createMemoryStage } from '../scenario/memory-stage.ts'
import { type Failure, playScenario, type Seen } from '../scenario/play.ts'
import type { Scenario } from '../scenario/read.ts'

export type ServiceFile = {
  readonly path: string
  readonly json: JsonObject
  /** Undefined for a service without cases. */
  readonly procedure: Procedure | undefined
}

/** Throws HomeError, which names the file. */
export function readFile(path: string): ServiceFile {
  const json = readServiceFile(path)
  const procedure = json.states === undefined ? undefined : decodeProcedure(encodeCanonicalJson(json))
  return { path, json, procedure }
}

/** Services of the same folders, the files themselves not among them. Throws HomeError. */
export function readNeighbours(paths: readonly string[]): readonly ServiceFile[] {
  const own = new Set(paths.map(path => resolve(path)))
  const folders = [...new Set([...own].map(path => dirname(path)))]
  return folders.flatMap(folder =>
    namesIn(folder)
      .map(name => join(folder, name))
      .filter(path => !own.has(path))
      .map(readFile),
  )
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.yaml'))
      .sort()
  } catch (error) {
    throw systemError(error, folder) ?? error
  }
}

export type Played = { readonly scenario: Scenario; readonly service: string; readonly failure: Failure | undefined }

/** Plays every story of these files in memory; `neighbours` are services that the stories use. */
export async function playFiles(
  files: readonly ServiceFile[],
  {
    neighbours,
    crypto,
    seen,
    onPlayed,
  }: {
    readonly neighbours: readonly ServiceFile[]
    readonly crypto: Crypto
    readonly seen: Seen
    readonly onPlayed: (played: Played) => void
  },
): Promise<void> {
  const all = [...files, ...neighbours].flatMap(({ json, procedure }) => (procedure ? [{ json, procedure }] : []))
  const country = countryOf(
    crypto,
    all.map(({ json }) => json),
    all.map(({ procedure }) => procedure),
  )
  const procedures = new Map(all.map(({ procedure }) => [procedure.service.id, procedure]))
  const stage = createMemoryStage(country, crypto)
  for (const { path, procedure } of files)
    for (const scenario of procedure ? readScenarioFile(path) : []) {
      const own = procedure!.service.id
      const failure = await playScenario(scenario, { stage, procedures, files: new Map(), own, seen })
      onPlayed({ scenario, service: own, failure })
    }
}

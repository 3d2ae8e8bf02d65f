// The catalogue as files: YAML for people, canonical JSON on the ledger.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  admitService,
  check,
  encodeCanonicalJson,
  isObject,
  type Json,
  type JsonObject,
  limits,
  parseJson,
  VerifyError,
} from '@muniment/sdk'
import { parseAllDocuments } from 'yaml'
import { HomeError, systemError } from './home-error.ts'
import { readScenarios, type Scenario } from './scenario/read.ts'

/** Every `*.yaml` of a folder, in the order of their names, checked. Throws VerifyError that names the file. */
export function readCatalogue(folder: string): readonly JsonObject[] {
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .sort()
  return files.map(name => readService(join(folder, name), name))
}

/** One file, checked. Throws HomeError, which names it. */
export function readServiceFile(path: string): JsonObject {
  try {
    return readService(path, path)
  } catch (error) {
    if (error instanceof VerifyError) throw new HomeError('file-malformed', `${error.message}.`, error)
    throw systemError(error, path) ?? error
  }
}

/** One file as it stands, for the linter to say what is wrong with it. Throws HomeError for what is no YAML. */
export function readDraftFile(path: string): JsonObject {
  try {
    return readService(path, path, () => undefined)
  } catch (error) {
    if (error instanceof VerifyError) throw new HomeError('file-malformed', `${error.message}.`, error)
    throw systemError(error, path) ?? error
  }
}

/** The stories that the file tells about itself, in its second document; none where there is none. Throws HomeError. */
export function readScenarioFile(path: string): readonly Scenario[] {
  try {
    const [, scenarios] = readDocuments(path)
    return scenarios === undefined ? [] : readScenarios(scenarios)
  } catch (error) {
    if (error instanceof VerifyError) throw new HomeError('file-malformed', `${path}: ${error.message}.`, error)
    throw systemError(error, path) ?? error
  }
}

function admit(json: JsonObject): void {
  admitService(encodeCanonicalJson(json))
}

function readDocuments(path: string): readonly Json[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'), { schema: 'core' })
  check(
    documents.length > 0 && documents.length <= 2,
    'malformed',
    'a service file has one document, or scenarios as its second',
  )
  return documents.map(document => {
    const [mistake] = document.errors
    check(!mistake, 'malformed', mistake?.message.split('\n')[0]?.replace(/:$/, '') ?? '')
    return parseJson(JSON.stringify(document.toJS({ maxAliasCount: 0 })))
  })
}

function readService(path: string, name: string, use: (json: JsonObject) => void = admit): JsonObject {
  try {
    // YAML's own types are narrowed to JSON's by the way through text.
    const [json] = readDocuments(path)
    check(isObject(json), 'malformed', 'a service file is a map of its members')
    use(json)
    return json
  } catch (error) {
    if (error instanceof VerifyError) throw new VerifyError(error.code, `${name}: ${error.message}`)
    throw new VerifyError(
      'malformed',
      `${name}: ${error instanceof Error ? error.message.slice(0, limits.nameLengthMax) : 'not YAML'}`,
    )
  }
}

// The catalogue as files: YAML for people, canonical JSON on the ledger.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkSigningPlaces,
  decodeService,
  encodeCanonicalJson,
  type JsonObject,
  limits,
  parseJson,
  VerifyError,
} from '@muniment/sdk'
import { parse } from 'yaml'
import { HomeError, systemError } from './home-error.ts'

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

function readService(path: string, name: string): JsonObject {
  try {
    // YAML's own types are narrowed to JSON's by the way through text.
    const json = parseJson(
      JSON.stringify(parse(readFileSync(path, 'utf8'), { maxAliasCount: 0, schema: 'core' })),
    ) as JsonObject
    checkSigningPlaces(decodeService(encodeCanonicalJson(json)))
    return json
  } catch (error) {
    if (error instanceof VerifyError) throw new VerifyError(error.code, `${name}: ${error.message}`)
    throw new VerifyError(
      'malformed',
      `${name}: ${error instanceof Error ? error.message.slice(0, limits.nameLengthMax) : 'not YAML'}`,
    )
  }
}

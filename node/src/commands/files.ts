// Files that a command line names.

import { readFileSync, statSync } from 'node:fs'
import { decodeUtf8, type Json, limits, parseJson, VerifyError } from '@muniment/sdk'
import { HomeError, systemError } from '../home-error.ts'
import { UsageError } from './arguments.ts'

/** What the file holds, through `parse`. Throws UsageError where there is none, and HomeError, which names the file. */
export function readJsonFile<T>(path: string, parse: (json: Json) => T): T {
  try {
    if (statSync(path).size > limits.jsonLengthMax) throw new VerifyError('oversized', 'it is too long')
    return parse(parseJson(decodeUtf8(readFileSync(path))))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') throw new UsageError(`There is no file ${path}.`)
    if (error instanceof VerifyError) {
      throw new HomeError('file-malformed', `The file ${path} can’t be used: ${error.message}.`, error)
    }
    throw systemError(error, path) ?? error
  }
}

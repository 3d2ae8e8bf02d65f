// Where the public test vectors lie. They are no part of the repository: MUNIMENT_VECTORS names their folder, else
// `../shared/vectors` beside the repository is used. Tests that need them skip with `vectorsSkip` where they are absent.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of vectors, or undefined where there is none. */
export function vectorsFolder(): string | undefined {
  const named = process.env.MUNIMENT_VECTORS
  const folder = named ?? fileURLToPath(new URL('../../shared/vectors', import.meta.url))
  return existsSync(folder) ? folder : undefined
}

/** For node:test's `skip` option: false, or the reason. */
export const vectorsSkip: string | false =
  vectorsFolder() === undefined ? 'no vectors: set MUNIMENT_VECTORS to their folder' : false

function pathOf(path: string): string {
  const folder = vectorsFolder()
  if (folder === undefined) throw new Error('no vectors: ask vectorsSkip first')
  return join(folder, path)
}

export function readVectorBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(pathOf(path)))
}

/** Parsed JSON; `any`, because every set of vectors has a shape of its own. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export function readVector(path: string): any {
  return JSON.parse(readFileSync(pathOf(path), 'utf8'))
}

/** Names in one folder, in ascending order. */
export function listVectors(path: string): readonly string[] {
  return readdirSync(pathOf(path)).sort()
}

// Contradictions that a witness was shown, each in a file of its own, so that anyone can be given it.

import { createHash } from 'node:crypto'
import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '@muniment/sdk'
import { systemError } from '../home-error.ts'
import { conflictFilesMax, unprovenFilesMax } from '../limits.ts'

/**
 * `conflict`: the log signed two trees of one size. `unproven`: the log signed a tree, and the proof that came with it does not
 * lead there from the tree before; such a proof may also be a third party's. `headers`: two nodes proved two blocks of one
 * height.
 */
export type EvidenceKind = 'conflict' | 'unproven' | 'headers'

export type EvidenceFolder = {
  /** Answers the name of the file, or undefined where it was kept before or there are too many. Throws HomeError. */
  readonly keep: (kind: EvidenceKind, content: Json) => Promise<string | undefined>
  /** Names of the files. */
  readonly names: () => readonly string[]
}

const countMax: Readonly<Record<EvidenceKind, number>> = {
  conflict: conflictFilesMax,
  unproven: unprovenFilesMax,
  headers: conflictFilesMax,
}

/** Throws HomeError. */
export async function openEvidenceFolder(folder: string): Promise<EvidenceFolder> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = new Set((await readdir(folder)).filter(name => /^[a-z]+-[0-9a-f]{16}\.json$/.test(name)))
    return { keep: (kind, content) => keep({ folder, names }, kind, content), names: () => [...names].sort() }
  } catch (error) {
    throw systemError(error, folder) ?? error
  }
}

type Kept = { readonly folder: string; readonly names: Set<string> }

async function keep({ folder, names }: Kept, kind: EvidenceKind, content: Json): Promise<string | undefined> {
  const text = `${JSON.stringify(content, null, 2)}\n`
  const name = `${kind}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`
  const ofKind = [...names].filter(each => each.startsWith(`${kind}-`))
  if (names.has(name) || ofKind.length >= countMax[kind]) return undefined
  const path = join(folder, name)
  try {
    const file = await open(path, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
    await file.close()
  } catch (error) {
    throw systemError(error, path) ?? error
  }
  names.add(name)
  return name
}

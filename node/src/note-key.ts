// Keys that sign notes: the one of a node's log, and the one of a witness. Each stands in a file that only its owner may read.

import { open, readFile, stat } from 'node:fs/promises'
import { equals, formatBase64, isObject, parseBase64, parseJson, textMember, VerifyError } from '@muniment/sdk'
import { validatorKeyOf } from './engine/validator-key.ts'
import { HomeError, systemError } from './home-error.ts'

export type NoteSigner = {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Ed25519 (RFC 8032); 64 bytes. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** Makes the key where there is none. Throws HomeError: file-malformed, or permission when others may read it too. */
export async function loadNoteKey(path: string): Promise<NoteSigner> {
  try {
    const { mode } = await stat(path)
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new HomeError('permission', `Others may read the key in ${path}; run chmod 600 on it.`)
    }
    return parseNoteSigner(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return createNoteKey(path)
    const known = systemError(error, path)
    if (known) throw known
    throw new HomeError('file-malformed', `The key in ${path} can't be read: ${(error as Error).message}.`, error)
  }
}

function parseNoteSigner(text: string): NoteSigner {
  const json = parseJson(text)
  if (!isObject(json) || json.algorithm !== 'Ed25519') throw new VerifyError('format-unknown', 'not an Ed25519 key')
  const seed = parseBase64(textMember(json, 'seed'))
  if (seed.length !== 32) throw new VerifyError('malformed', 'a seed has 32 bytes')
  const signer = noteSignerOf(seed)
  const agrees = equals(signer.publicKey, parseBase64(textMember(json, 'publicKey')))
  if (!agrees) throw new VerifyError('malformed', 'the halves do not match')
  return signer
}

/** Of 32 secret bytes, the seed of RFC 8032. */
export function noteSignerOf(seed: Uint8Array): NoteSigner {
  const { publicKey, sign } = validatorKeyOf(seed)
  return { publicKey: publicKey.bytes, sign }
}

async function createNoteKey(path: string): Promise<NoteSigner> {
  const seed = crypto.getRandomValues(new Uint8Array(32))
  const signer = noteSignerOf(seed)
  const json = { algorithm: 'Ed25519', publicKey: formatBase64(signer.publicKey), seed: formatBase64(seed) }
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(json, null, 2)}\n`)
    await file.sync()
    await file.close()
  } catch (error) {
    throw systemError(error, path) ?? error
  }
  return signer
}

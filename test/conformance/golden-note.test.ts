// The head of the history log as a note, frozen: see golden.test.ts.

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  cosignature,
  cosignatureSignBytes,
  encodeUtf8,
  formatCheckpointNote,
  formatHex,
  formatNoteKey,
  historyOrigin,
  isSignedByLog,
  loadCrypto,
  logSignature,
  type NoteKey,
  NoteKeyType,
  noteSignBytes,
  parseCheckpointNote,
  parseHex,
  parseNoteKey,
  verifyCosignatures,
} from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'

const crypto = await loadCrypto()
const file = fileURLToPath(new URL('../golden/note-1.json', import.meta.url))
const chain = { chainId: 'golden 1/é', genesisHash: new Uint8Array(32).fill(7) }
const time = 1_790_000_101n

function keyOf(name: string, type: NoteKey['type']): { readonly key: NoteKey; readonly secret: Uint8Array } {
  const secret = crypto.sha256(encodeUtf8(`golden key of ${name}, used for nothing else`))
  return { key: { name, type, key: ed25519.getPublicKey(secret) }, secret }
}

function make(): Readonly<Record<string, string>> {
  const origin = historyOrigin(chain)
  const body = { origin, size: 1_234_567n, root: new Uint8Array(32).fill(8), extensions: [] }
  const log = keyOf(origin, NoteKeyType.ed25519)
  const witness = keyOf('witness.example/one', NoteKeyType.cosignature)
  const signature = ed25519.sign(cosignatureSignBytes(body, time), witness.secret)
  const signatures = [
    logSignature(log.key, ed25519.sign(noteSignBytes(body), log.secret), crypto),
    cosignature(witness.key, { time, signature }, crypto),
  ]
  return {
    chainId: chain.chainId,
    genesisHash: formatHex(chain.genesisHash),
    logKey: formatNoteKey(log.key, crypto),
    witnessKey: formatNoteKey(witness.key, crypto),
    note: formatCheckpointNote({ ...body, signatures }),
  }
}

if (process.env.GOLDEN === 'write' && !existsSync(file)) writeFileSync(file, `${JSON.stringify(make(), null, 2)}\n`)
const kept: Readonly<Record<string, string>> = JSON.parse(readFileSync(file, 'utf8'))

test('heads are written as on the first day', () => {
  assert.deepEqual(make(), kept)
})

test('a head of the first day is still read and verified', async () => {
  const note = parseCheckpointNote(kept.note!)
  const genesisHash = parseHex(kept.genesisHash!)
  assert.equal(note.origin, historyOrigin({ chainId: kept.chainId!, genesisHash }))
  assert.equal(await isSignedByLog(note, [parseNoteKey(kept.logKey!, crypto)], crypto), true)
  const witness = { name: 'A witness', key: parseNoteKey(kept.witnessKey!, crypto).key }
  assert.deepEqual(await verifyCosignatures(note, { keys: [witness] }, crypto), [{ witness, time }])
})

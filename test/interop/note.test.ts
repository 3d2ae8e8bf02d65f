// Checkpoint notes and cosignatures beside golang.org/x/mod's signed notes: what one makes, the other reads and verifies.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import {
  type CheckpointNote,
  cosignature,
  cosignatureSignBytes,
  encodeUtf8,
  formatCheckpointNote,
  formatHex,
  formatNoteBody,
  formatNoteKey,
  isSignedByLog,
  loadCrypto,
  logSignature,
  type NoteBody,
  type NoteKey,
  NoteKeyType,
  noteSignBytes,
  parseCheckpointNote,
  parseNoteKey,
  verifyCosignatures,
} from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'
import { buildGoProgram, goSkip, runProgram } from './go.ts'

const crypto = await loadCrypto()
const secretOf = (name: string): Uint8Array => crypto.sha256(encodeUtf8(`seed of ${name}`))

const origin = `muniment/history/1/land-1/${'ab'.repeat(32)}`
const bodies: readonly NoteBody[] = [0n, 1n, 20_852_163n, 2n ** 62n].map(size => ({
  origin,
  size,
  root: crypto.sha256(encodeUtf8(String(size))),
  extensions: [],
}))
const witnessNames = ['witness.example/one', 'büro/zwei']
const time = 1_764_000_000n

type Answer = {
  readonly Note: string
  readonly Error: string
  readonly Verified: readonly string[] | null
  readonly Keys: Readonly<Record<string, string>>
  readonly Size: number
  readonly Root: string
}

function keyOf(name: string, type: NoteKey['type']): NoteKey {
  return { name, type, key: ed25519.getPublicKey(secretOf(name)) }
}

/** Signed by the log and by the witnesses, with our code. */
function ownNote(body: NoteBody): CheckpointNote {
  const log = logSignature(
    keyOf(origin, NoteKeyType.ed25519),
    ed25519.sign(noteSignBytes(body), secretOf(origin)),
    crypto,
  )
  const cosigned = witnessNames.map(name => {
    const signature = ed25519.sign(cosignatureSignBytes(body, time), secretOf(name))
    return cosignature(keyOf(name, NoteKeyType.cosignature), { time, signature }, crypto)
  })
  return { ...body, signatures: [log, ...cosigned] }
}

describe('signed notes of golang.org/x/mod', { skip: goSkip }, () => {
  let binary: string
  before(async () => {
    binary = await buildGoProgram('note')
  })

  async function ask(questions: readonly object[]): Promise<readonly Answer[]> {
    const lines = questions.map(question => JSON.stringify(question)).join('\n')
    return (await runProgram(binary, [], lines))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  }

  const ownKeys = {
    LogKeys: [formatNoteKey(keyOf(origin, NoteKeyType.ed25519), crypto)],
    WitnessKeys: witnessNames.map(name => formatNoteKey(keyOf(name, NoteKeyType.cosignature), crypto)),
  }

  test('accept our notes, with the signature of the log and each cosignature', async () => {
    const answers = await ask(bodies.map(body => ({ ...ownKeys, Note: formatCheckpointNote(ownNote(body)) })))
    for (const [index, answer] of answers.entries()) {
      assert.equal(answer.Error, '')
      assert.deepEqual(answer.Verified, [origin, ...witnessNames])
      assert.equal(BigInt(answer.Size), bodies[index]!.size)
      assert.equal(answer.Root, formatHex(bodies[index]!.root))
    }
  })

  test('refuse ours when any part of text or signature was changed', async () => {
    const note = ownNote(bodies[2]!)
    const changed: CheckpointNote[] = [
      { ...note, size: note.size + 1n },
      { ...note, root: crypto.sha256() },
      { ...note, extensions: ['more'] },
      ...note.signatures.map((signature, index) => {
        const bytes = signature.signature.slice()
        bytes[20]! ^= 1
        return { ...note, signatures: note.signatures.with(index, { ...signature, signature: bytes }) }
      }),
    ]
    const answers = await ask(changed.map(each => ({ ...ownKeys, Note: formatCheckpointNote(each) })))
    for (const answer of answers) assert.match(answer.Error, /invalid signature/)
  })

  test('make notes that we read, write again byte for byte, and verify', async () => {
    const seeds = (names: readonly string[]): object =>
      Object.fromEntries(names.map(name => [name, formatHex(secretOf(name))]))
    const answers = await ask(
      bodies.map(body => ({
        Make: true,
        Text: formatNoteBody(body),
        LogSeeds: seeds([origin]),
        WitnessSeeds: seeds(witnessNames),
        Time: Number(time),
      })),
    )
    for (const [index, { Note, Keys }] of answers.entries()) {
      const note = parseCheckpointNote(Note)
      assert.equal(formatCheckpointNote(note), Note)
      assert.deepEqual({ ...note, signatures: [] }, { ...bodies[index]!, signatures: [] })
      const log = parseNoteKey(Keys[origin]!, crypto)
      assert.deepEqual(log, keyOf(origin, NoteKeyType.ed25519))
      assert.equal(await isSignedByLog(note, [log], crypto), true)
      const witnesses = witnessNames.map(name => ({ name, key: parseNoteKey(Keys[name]!, crypto).key }))
      const cosigned = await verifyCosignatures(note, { keys: witnesses }, crypto)
      assert.deepEqual(
        cosigned.map(each => [each.witness.name, each.time]),
        witnessNames.map(name => [name, time]),
      )
      // Ed25519 is deterministic: the same signatures, only in the order in which Go's map gave them.
      const lines = (text: string): readonly string[] => text.split('\n').toSorted()
      assert.deepEqual(lines(Note), lines(formatCheckpointNote(ownNote(bodies[index]!))))
    }
  })
})

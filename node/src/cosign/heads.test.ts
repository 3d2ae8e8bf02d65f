import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CheckpointNote, formatCheckpointNote, type NoteSignature, parseCheckpointNote } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import { cosignedHeadPreferredMs, cosignedHeadsMax } from '../limits.ts'
import { cosignedNote, createHeads, type Heads } from './heads.ts'

const log: NoteSignature = { name: 'log', keyId: new Uint8Array(4), signature: new Uint8Array(64) }

function noteOf(size: bigint): CheckpointNote {
  return { origin: 'log', size, root: sha256(), extensions: [], signatures: [log] }
}

function by(...names: readonly string[]): readonly NoteSignature[] {
  return names.map(name => ({ name, keyId: new Uint8Array(4), signature: new Uint8Array(72) }))
}

function chosen(heads: Heads, cosignaturesMin?: number): bigint | undefined {
  return heads.choose(cosignaturesMin)?.note.size
}

test('the newest head with so many cosignatures is given, or none', () => {
  const heads = createHeads(() => 0)
  assert.equal(chosen(heads), undefined)
  assert.equal(chosen(heads, 0), undefined)
  for (const size of [2n, 3n, 4n, 5n]) heads.add(noteOf(size))
  assert.equal(chosen(heads), undefined)
  assert.equal(chosen(heads, 0), 5n)
  heads.cosigned(2n, by('a', 'b', 'c'))
  heads.cosigned(3n, by('a', 'b'))
  heads.cosigned(4n, by('a'))
  assert.deepEqual(
    [0, 1, 2, 3, 4].map(count => chosen(heads, count)),
    [5n, 4n, 3n, 2n, undefined],
  )
})

test('while the newest head’s cosignatures are on their way, the one before is given', () => {
  const heads = createHeads(() => 0)
  heads.add(noteOf(2n))
  heads.cosigned(2n, by('a', 'b'))
  heads.add(noteOf(3n))
  assert.equal(chosen(heads), 2n)
  heads.cosigned(3n, by('a'))
  assert.equal(chosen(heads), 2n)
  heads.cosigned(3n, by('b'))
  assert.equal(chosen(heads), 3n)
  // Of those with as many, the later.
  heads.add(noteOf(4n))
  heads.cosigned(4n, by('a'))
  assert.equal(chosen(heads), 3n)
})

test('once they are late, for a witness that has gone, fewer are enough', () => {
  let now = 0
  const heads = createHeads(() => now)
  heads.add(noteOf(2n))
  heads.cosigned(2n, by('a', 'b'))
  now = 1_000
  heads.add(noteOf(3n))
  heads.cosigned(3n, by('a'))
  now = cosignedHeadPreferredMs
  assert.equal(chosen(heads), 2n)
  now = cosignedHeadPreferredMs + 1
  assert.equal(chosen(heads), 3n)
  assert.equal(chosen(heads, 2), 2n)
  // On a chain that rests, the newest stays the newest.
  now = 1e9
  assert.equal(chosen(heads), 3n)
  heads.add(noteOf(4n))
  assert.equal(chosen(heads), 3n)
})

test('a witness that cosigns twice counts once, and its newer line is kept', () => {
  const heads = createHeads(() => 0)
  heads.add(noteOf(2n))
  heads.cosigned(2n, by('a'))
  const [again] = by('a')
  heads.cosigned(2n, [{ ...again!, signature: new Uint8Array(72).fill(7) }])
  assert.equal(chosen(heads, 2), undefined)
  const note = parseCheckpointNote(formatCheckpointNote(cosignedNote(heads.choose()!)))
  assert.deepEqual(
    note.signatures.map(({ name, signature }) => [name, signature[0]]),
    [
      ['log', 0],
      ['a', 7],
    ],
  )
})

test('a bounded number of heads is kept, and sizes only rise', () => {
  const heads = createHeads(() => 0)
  for (let size = 1n; size <= BigInt(cosignedHeadsMax) + 5n; size++) {
    heads.add(noteOf(size))
    heads.cosigned(size, size <= 5n ? by('a', 'b') : by('a'))
  }
  assert.equal(chosen(heads, 2), undefined)
  heads.add(noteOf(3n))
  heads.cosigned(3n, by('a', 'b'))
  assert.equal(chosen(heads, 2), undefined)
  assert.equal(heads.newest()?.note.size, BigInt(cosignedHeadsMax) + 5n)
})

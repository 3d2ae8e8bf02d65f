// transparency-dev/merkle's vectors: 98 inclusion and 98 consistency proofs. Its 322 cases of subtrees belong to a draft
// that nothing here uses.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseBase64 } from '../../sdk/src/bytes.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { verifyConsistency, verifyInclusion } from '../../sdk/src/merkle/rfc6962.ts'
import { readVector, vectorsFolder, vectorsSkip } from '../vectors.ts'

const folder = 'merkle/rfc6962'
const crypto = await loadCrypto()
after(() => crypto.close())

type Case = { readonly desc: string; readonly wantErr: boolean; readonly proof: readonly string[] | null } & Record<
  string,
  unknown
>

function casesOf(kind: string): readonly Case[] {
  const names = readdirSync(join(vectorsFolder()!, folder, kind), { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.json')).map(name => readVector(`${folder}/${kind}/${name}`))
}

const bytesOf = (value: unknown): Uint8Array => parseBase64(value as string)
const proofOf = (vector: Case): Uint8Array[] => (vector.proof ?? []).map(parseBase64)

/** Sizes are uint64 there and may be anything in a hostile case; JSON numbers here are small. */
const sizeOf = (value: unknown): bigint => BigInt(value as number)

test('RFC 6962 inclusion proofs: all 98 answers are as expected', { skip: vectorsSkip }, () => {
  const cases = casesOf('inclusion')
  assert.equal(cases.length, 98)
  assert.equal(cases.filter(vector => !vector.wantErr).length, 6)
  for (const vector of cases) {
    const answer = verifyInclusion(
      {
        leafHash: bytesOf(vector.leafHash),
        index: sizeOf(vector.leafIdx),
        size: sizeOf(vector.treeSize),
        proof: proofOf(vector),
        root: bytesOf(vector.root),
      },
      crypto,
    )
    assert.equal(answer.kind, vector.wantErr ? 'invalid' : 'verified', JSON.stringify(vector))
  }
})

test('RFC 6962 consistency proofs: all 98 answers are as expected', { skip: vectorsSkip }, () => {
  const cases = casesOf('consistency')
  assert.equal(cases.length, 98)
  assert.equal(cases.filter(vector => !vector.wantErr).length, 6)
  for (const vector of cases) {
    const answer = verifyConsistency(
      {
        oldSize: sizeOf(vector.size1),
        oldRoot: bytesOf(vector.root1),
        size: sizeOf(vector.size2),
        root: bytesOf(vector.root2),
        proof: proofOf(vector),
      },
      crypto,
    )
    assert.equal(answer.kind, vector.wantErr ? 'invalid' : 'verified', JSON.stringify(vector))
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, merkleLeafHash, merkleRoot } from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import { prefixRoot } from './prefix-root.ts'

test('the root of the first leaves is that of RFC 6962, for every number of them', () => {
  const leaves = Array.from({ length: 300 }, (_, index) => sha256(Uint8Array.of(index, index >> 8)))
  const hashes = concat(...leaves.map(leaf => merkleLeafHash(leaf, nodeHasher)))
  for (let size = 1; size <= leaves.length; size++)
    assert.deepEqual(prefixRoot(hashes, size, nodeHasher), merkleRoot(leaves.slice(0, size), nodeHasher), String(size))
})

// Evidence in real blocks: one of each of v0.34, v0.37 and v0.38.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { formatHex } from '../../sdk/src/bytes.ts'
import { block, dataHash, partSetHeaderOf } from '../../sdk/src/comet/block.ts'
import { formatEvidence, parseBlock } from '../../sdk/src/comet/block-json.ts'
import { voteSignBytes } from '../../sdk/src/comet/commit.ts'
import { type DuplicateVoteEvidence, evidence, evidenceHash } from '../../sdk/src/comet/evidence.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import { parseBlockId } from '../../sdk/src/comet/rpc-json.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { readVector, vectorsSkip } from '../vectors.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

type Names = { readonly [name: string]: unknown }

for (const version of ['v0_34', 'v0_37', 'v0_38']) {
  test(`a block of ${version} with evidence hashes to its header, and the evidence to evidence_hash`, {
    skip: vectorsSkip,
  }, () => {
    const { blocks } = readVector(`chains/kvstore-rpc/${version}_block_search_evidence.json`).result
    assert.equal(blocks.length, 1)
    for (const { block: json, block_id } of blocks) {
      const parsed = parseBlock(json)
      const id = parseBlockId(block_id)
      assert.equal(parsed.evidence.length, 1)
      assert.equal(
        formatHex(evidenceHash(parsed.evidence, crypto)),
        formatHex(parsed.header.evidenceHash),
        'the root over the evidence',
      )
      assert.deepEqual(headerHash(parsed.header, crypto), id.hash)
      assert.deepEqual(dataHash(parsed.txs, crypto), parsed.header.dataHash)
      assert.deepEqual(partSetHeaderOf(block.encode(parsed), crypto), id.partSetHeader, 'all bytes of the block')
      assert.deepEqual(block.decode(block.encode(parsed)), parsed)
      const [found] = parsed.evidence
      assert.deepEqual(evidence.decode(evidence.encode(found!)), found)
      assertSameMembers(formatEvidence(found!) as Names, json.evidence.evidence[0])
    }
  })
}

test('the two votes of each piece of evidence differ in their block alone', { skip: vectorsSkip }, () => {
  for (const version of ['v0_34', 'v0_37', 'v0_38']) {
    const { blocks } = readVector(`chains/kvstore-rpc/${version}_block_search_evidence.json`).result
    const parsed = parseBlock(blocks[0].block)
    const { voteA, voteB } = parsed.evidence[0] as DuplicateVoteEvidence
    const { chainId } = parsed.header
    assert.deepEqual([voteA.height, voteA.round, voteA.type], [voteB.height, voteB.round, voteB.type])
    assert.deepEqual(voteA.validatorAddress, voteB.validatorAddress)
    assert.notDeepEqual(voteSignBytes({ chainId, ...voteA }), voteSignBytes({ chainId, ...voteB }))
  }
})

/** As written, but for extensions, which v0.34 and v0.37 do not have, and for names that one client writes in snake case. */
function assertSameMembers(ours: Names, theirs: Names): void {
  const strip = (value: unknown): unknown =>
    Object.fromEntries(
      Object.entries(value as Names).flatMap(([name, each]) => {
        if (name.startsWith('extension')) return []
        const nested = typeof each === 'object' && each !== null && !Array.isArray(each)
        return [[name.replaceAll('_', '').toLowerCase(), nested ? strip(each) : each]]
      }),
    )
  assert.deepEqual(strip(ours), strip(theirs))
}

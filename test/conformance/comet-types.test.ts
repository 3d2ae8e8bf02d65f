// Our bytes and hashes against CometBFT's own tables and against a real four-validator chain.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHex, parseBase64, parseHex } from '../../sdk/src/bytes.ts'
import { block, consensusParamsHash, dataHash, partSetHeaderOf, resultsHash } from '../../sdk/src/comet/block.ts'
import { sameBlockId } from '../../sdk/src/comet/block-id.ts'
import { formatBlock, parseBlock } from '../../sdk/src/comet/block-json.ts'
import { commitHash, voteSignBytes } from '../../sdk/src/comet/commit.ts'
import { evidenceHash } from '../../sdk/src/comet/evidence.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import { lightBlock } from '../../sdk/src/comet/light-block.ts'
import {
  formatHeader,
  formatSignedHeader,
  formatValidator,
  parseBlockId,
  parseHeader,
  parseSignedHeader,
  parseValidator,
} from '../../sdk/src/comet/rpc-json.ts'
import { validateLightBlock } from '../../sdk/src/comet/validate.ts'
import { sortedValidatorSet } from '../../sdk/src/comet/validator-set.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { merkleInnerHash, merkleLeafHash, merkleRoot } from '../../sdk/src/merkle/root.ts'
import { parseTime } from '../../sdk/src/time.ts'
import { listVectors, readVector, vectorsSkip } from '../vectors.ts'

const skip = vectorsSkip
const crypto = await loadCrypto()

test('vote sign bytes are those of CometBFT, 6 cases', { skip }, () => {
  const { cases } = readVector('light-client/cometbft-types/vote_sign_bytes.json')
  assert.equal(cases.length, 6)
  for (const { chain_id, vote, sign_bytes_hex } of cases) {
    const bytes = voteSignBytes({
      chainId: chain_id,
      height: BigInt(vote.height ?? 0),
      round: vote.round ?? 0,
      timestamp: parseTime(vote.timestamp),
      type: vote.type ?? 0,
    })
    assert.equal(formatHex(bytes), sign_bytes_hex)
  }
})

test('header hashes are those of CometBFT, 2 cases', { skip }, () => {
  const { cases } = readVector('light-client/cometbft-types/header_hash.json')
  assert.equal(cases.length, 2)
  for (const { header, hash } of cases) {
    assert.equal(formatHex(headerHash(parseHeader(header), crypto)).toUpperCase(), hash ?? '')
  }
})

test('the Merkle tree is that of RFC 6962, 4 cases', { skip }, () => {
  const { cases } = readVector('light-client/cometbft-types/rfc6962_hash.json')
  assert.equal(cases.length, 4)
  for (const { kind, leaf_hex, left_hex, right_hex, hash } of cases) {
    const actual =
      kind === 'empty_tree'
        ? merkleRoot([], crypto)
        : kind === 'leaf'
          ? merkleLeafHash(parseHex(leaf_hex), crypto)
          : merkleInnerHash(parseHex(left_hex), parseHex(right_hex), crypto)
    assert.equal(formatHex(actual), hash)
  }
})

test('every hash of a real chain of 59 heights is computed again from what it covers', { skip }, () => {
  const { heights } = readVector('comet/four-validators.json')
  assert.equal(Object.keys(heights).length, 59)
  let transactions = 0
  for (let height = 1; height <= 59; height++) {
    const answers = heights[height]
    const parsed = parseBlock(answers.block.block)
    const id = parseBlockId(answers.block.block_id)
    const encoded = block.encode(parsed)
    const { header } = parsed

    assert.deepEqual(headerHash(header, crypto), id.hash)
    assert.ok(sameBlockId(id, { hash: id.hash, partSetHeader: partSetHeaderOf(encoded, crypto) }))
    assert.deepEqual(block.encode(block.decode(encoded)), encoded)
    assert.deepEqual(commitHash(parsed.lastCommit, crypto), header.lastCommitHash)
    assert.deepEqual(dataHash(parsed.txs, crypto), header.dataHash)
    assert.deepEqual(evidenceHash(parsed.evidence, crypto), header.evidenceHash)
    const params = answers.consensus_params.consensus_params.block
    const hashed = { maxBytes: BigInt(params.max_bytes), maxGas: BigInt(params.max_gas) }
    assert.deepEqual(consensusParamsHash(hashed, crypto), header.consensusHash)
    transactions += parsed.txs.length

    const next = heights[height + 1]
    if (next === undefined) continue
    const results = (answers.block_results.txs_results ?? []).map((result: Record<string, string>) => ({
      code: Number(result.code),
      data: parseBase64(result.data ?? ''),
      gasWanted: BigInt(result.gas_wanted ?? 0),
      gasUsed: BigInt(result.gas_used ?? 0),
    }))
    assert.deepEqual(resultsHash(results, crypto), parseHeader(next.header.header).lastResultsHash)
  }
  assert.ok(transactions > 0)
})

test('light blocks of a real chain are valid and survive protobuf and JSON unchanged', { skip }, () => {
  const { heights } = readVector('comet/four-validators.json')
  for (const height of Object.keys(heights)) {
    const answers = heights[height]
    const validatorSet = sortedValidatorSet(answers.validators.validators.map(parseValidator))
    const parsed = { ...parseSignedHeader(answers.commit.signed_header), validatorSet }
    validateLightBlock(parsed, 'chain-zupNAC', crypto)
    const encoded = lightBlock.encode(parsed)
    assert.deepEqual(lightBlock.decode(encoded), parsed)
    assert.deepEqual(formatSignedHeader(parsed), answers.commit.signed_header)
    assert.deepEqual(validatorSet.validators.map(formatValidator), answers.validators.validators)
    assert.deepEqual(formatBlock(parseBlock(answers.block.block)), answers.block.block)
  }
})

test('RPC answers of v0.34, v0.37 and v0.38 parse and hash to what they say', { skip }, () => {
  const files = listVectors('chains/kvstore-rpc')
  assert.equal(files.length, 36)
  let hashed = 0
  for (const file of files) {
    const { result } = readVector(`chains/kvstore-rpc/${file}`)
    if (file.includes('block_at_height')) {
      const parsed = parseBlock(result.block)
      const id = parseBlockId(result.block_id)
      assert.deepEqual(headerHash(parsed.header, crypto), id.hash)
      assert.deepEqual(partSetHeaderOf(block.encode(parsed), crypto), id.partSetHeader)
      hashed++
    }
    if (file.includes('blockchain')) {
      for (const meta of result.block_metas) {
        assert.deepEqual(headerHash(parseHeader(meta.header), crypto), parseBlockId(meta.block_id).hash)
        assert.deepEqual(formatHeader(parseHeader(meta.header)), meta.header)
        hashed++
      }
    }
    if (file.includes('commit_at_height')) {
      const signed = parseSignedHeader(result.signed_header)
      assert.deepEqual(headerHash(signed.header, crypto), signed.commit.blockId.hash)
      assert.deepEqual(formatSignedHeader(signed), result.signed_header)
      hashed++
    }
  }
  assert.equal(hashed, 6 + 30 + 3)
})

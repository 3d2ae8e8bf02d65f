// The vectors of cosmos/ics23: 18 proofs, 57 table cases, 9 hostile inputs. Where our answer is stricter than the Go
// library's on purpose, the case stands in a table here with the reason.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { formatHex, parseBase64, parseHex } from '../../sdk/src/bytes.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { VerifyError } from '../../sdk/src/errors.ts'
import { applyHash, checkLeafOp, innerHash, leafHash, siblingIsEmpty, sideOf } from '../../sdk/src/ics23/ops.ts'
import {
  type CommitmentProof,
  commitmentProof,
  type ExistenceProof,
  type InnerOp,
  type LeafOp,
} from '../../sdk/src/ics23/proof.ts'
import { iavlSpec, type ProofSpec, smtSpec, tendermintSpec } from '../../sdk/src/ics23/spec.ts'
import { checkOps, existenceRoot, verifyMembership, verifyNonMembership } from '../../sdk/src/ics23/verify.ts'
import { listVectors, readVector, readVectorBytes, vectorsSkip } from '../vectors.ts'

const skip = vectorsSkip
const crypto = await loadCrypto()
after(() => crypto.close())

const specs = { iavl: iavlSpec, tendermint: tendermintSpec, smt: smtSpec }

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

const bytesOf = (text: string | null | undefined): Uint8Array => parseBase64(text ?? '')

function leafOpOf(json: Json): LeafOp {
  return {
    hash: json.hash ?? 0,
    prehashKey: json.prehash_key ?? 0,
    prehashValue: json.prehash_value ?? 0,
    length: json.length ?? 0,
    prefix: bytesOf(json.prefix),
  }
}

function innerOpOf(json: Json): InnerOp {
  return { hash: json.hash ?? 0, prefix: bytesOf(json.prefix), suffix: bytesOf(json.suffix) }
}

function existenceOf(json: Json): ExistenceProof {
  return {
    key: bytesOf(json.key),
    value: bytesOf(json.value),
    leaf: json.leaf ? leafOpOf(json.leaf) : undefined,
    path: (json.path ?? []).map(innerOpOf),
  }
}

/** The table's specs are IAVL's, or nothing but a leaf or inner spec. */
function specOf(json: Json): ProofSpec {
  const inner = json.inner_spec ?? {}
  return {
    leaf: leafOpOf(json.leaf_spec ?? {}),
    inner: {
      hash: inner.hash ?? 0,
      childSize: inner.child_size ?? 0,
      minPrefixLength: inner.min_prefix_length ?? 0,
      maxPrefixLength: inner.max_prefix_length ?? 0,
      emptyChild: bytesOf(inner.empty_child),
    },
    depthMin: json.min_depth ?? 0,
    depthMax: json.max_depth ?? 128,
    hashedKeys: false,
    ops: inner.child_size === 33 ? 'iavl' : 'exact',
  }
}

/** The value, or undefined where a VerifyError said no. Anything else thrown fails the test. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

for (const name of ['iavl', 'tendermint', 'smt'] as const) {
  test(`existence and absence in ${name} trees, 6 proofs, each bound to its key, value and root`, { skip }, () => {
    const files = listVectors(`ics23/${name}`)
    assert.equal(files.length, 6)
    const spec = specs[name]
    for (const file of files) {
      const vector = readVector(`ics23/${name}/${file}`)
      const [key, value, root, encoded] = [vector.key, vector.value, vector.root, vector.proof].map(parseHex)
      const proof = commitmentProof.decode(encoded!)
      assert.deepEqual(commitmentProof.encode(proof), encoded, file)
      const kindOf = (change: Json = {}): string => {
        const claim = { spec, root: root!, proof, key: key!, value: value!, ...change }
        return file.startsWith('exist') ? verifyMembership(claim, crypto).kind : verifyNonMembership(claim, crypto).kind
      }
      assert.equal(kindOf(), 'verified', file)
      assert.equal(kindOf({ key: parseHex('00') }), 'invalid')
      assert.equal(kindOf({ root: new Uint8Array(32) }), 'invalid')
      for (const other of Object.values(specs)) {
        if (other !== spec) assert.equal(kindOf({ spec: other }), 'invalid')
      }
      if (file.startsWith('exist')) {
        assert.equal(kindOf({ value: parseHex('00') }), 'invalid')
        assert.equal(verifyNonMembership({ spec, root: root!, proof, key: key! }, crypto).kind, 'invalid')
      } else {
        assert.equal(verifyMembership({ spec, root: root!, proof, key: key!, value: value! }, crypto).kind, 'invalid')
        // Neither side may be left out, and a key that is there is not absent.
        for (const side of ['left', 'right'] as const) {
          const cut: CommitmentProof = { exist: undefined, nonexist: { ...proof.nonexist!, [side]: undefined } }
          if (proof.nonexist![side]) assert.equal(kindOf({ proof: cut }), 'invalid')
          const present = proof.nonexist![side]?.key
          if (present) {
            const claimed: CommitmentProof = { exist: undefined, nonexist: { ...proof.nonexist!, key: present } }
            assert.equal(kindOf({ key: present, proof: claimed }), 'invalid')
          }
        }
      }
    }
  })
}

/** Cases of the library's tables that we refuse and it does not. */
const stricter: { readonly [file: string]: { readonly [name: string]: string } } = {
  TestDoHashData: {
    sha512: 'no tree of ours or of CometBFT uses it',
    ripemd160: 'no tree of ours or of CometBFT uses it',
    bitcoin: 'no tree of ours or of CometBFT uses it',
    sha512_256: 'no tree of ours or of CometBFT uses it',
    blake2b: 'no tree of ours or of CometBFT uses it',
    blake2s: 'no tree of ours or of CometBFT uses it',
  },
  TestLeafOpData: {
    'hash foobaz, sha-512': 'no tree of ours or of CometBFT uses it',
    'hash with length prefix (fixed 32-bit big-endian encoding)': 'no spec here uses it',
    'hash with length prefix (fixed 32-bit little-endian encoding)': 'no spec here uses it',
    'hash with length prefix (fixed 64-bit big-endian encoding)': 'no spec here uses it',
    'hash with length prefix (fixed 64-bit little-endian encoding)': 'no spec here uses it',
  },
  TestCheckLeafData: {
    'empty spec allows prefix': 'a leaf prefix is exact (security rule 21)',
  },
}

function runTable(
  file: string,
  runCase: (row: Json, name: string) => { accepted: boolean; expected: boolean },
): number {
  const rows = Object.entries<Json>(readVector(`ics23/${file}.json`))
  const refused = stricter[file] ?? {}
  const seen: string[] = []
  for (const [name, row] of rows) {
    const { accepted, expected } = runCase(row, name)
    if (name in refused) {
      assert.deepEqual({ accepted, expected }, { accepted: false, expected: true }, name)
      seen.push(name)
    } else assert.equal(accepted, expected, `${file}: ${name}`)
  }
  for (const name of Object.keys(refused)) assert.ok(seen.includes(name), `${file}: no case ${name}`)
  return rows.length
}

test('57 cases of the library\u2019s tables are answered alike, or more strictly as listed', { skip }, () => {
  let cases = runTable('TestDoHashData', row => {
    const result = attempt(() => applyHash(row.HashOp, new TextEncoder().encode(row.Preimage ?? row.PreImage), crypto))
    if (result) assert.equal(formatHex(result), row.ExpectedHash)
    return { accepted: result !== undefined, expected: true }
  })
  cases += runTable('TestLeafOpData', row => {
    const leaf = { key: bytesOf(row.Key), value: bytesOf(row.Value) }
    const result = attempt(() => leafHash(leafOpOf(row.Op), leaf, crypto))
    if (result && row.Expected) assert.deepEqual(result, bytesOf(row.Expected))
    return { accepted: result !== undefined, expected: !row.IsErr }
  })
  cases += runTable('TestInnerOpData', row => {
    const result = attempt(() => innerHash(innerOpOf(row.Op), bytesOf(row.Child), crypto))
    if (result && row.Expected) assert.deepEqual(result, bytesOf(row.Expected))
    return { accepted: result !== undefined, expected: !row.IsErr }
  })
  cases += runTable('TestExistenceProofData', row => {
    const result = attempt(() => existenceRoot(existenceOf(row.Proof), crypto))
    if (result && row.Expected) assert.deepEqual(result, bytesOf(row.Expected))
    return { accepted: result !== undefined, expected: !row.IsErr }
  })
  cases += runTable('TestCheckLeafData', row => {
    const spec = specOf({ leaf_spec: row.Spec })
    const accepted = attempt(() => checkLeafOp(leafOpOf(row.Leaf), spec) ?? true) !== undefined
    return { accepted, expected: !row.IsErr }
  })
  cases += runTable('TestCheckAgainstSpecData', row => {
    const accepted = attempt(() => checkOps(existenceOf(row.Proof), specOf(row.Spec)) ?? true) !== undefined
    return { accepted, expected: row.Err === '' }
  })
  cases += runTable('TestEmptyBranchData', row => {
    const { inner } = specOf(row.Spec)
    const op = innerOpOf(row.Op)
    const side = siblingIsEmpty(op, inner) ? sideOf(op, inner) : undefined
    assert.equal(side === 'right', row.IsLeft)
    assert.equal(side === 'left', row.IsRight)
    return { accepted: true, expected: true }
  })
  assert.equal(cases, 57)
})

test('9 hostile inputs of the library\u2019s fuzzers give a typed error, never a crash', { skip }, () => {
  let inputs = 0
  for (const target of listVectors('ics23/fuzz-go-corpus')) {
    for (const file of listVectors(`ics23/fuzz-go-corpus/${target}`)) {
      inputs++
      const raw = readVectorBytes(`ics23/fuzz-go-corpus/${target}/${file}`)
      assert.equal(
        attempt(() => commitmentProof.decode(raw)),
        undefined,
      )
      const literal = /\[\]byte\("(.*)"\)/s.exec(new TextDecoder().decode(raw))![1]!
      const text = literal.replaceAll('\\"', '"').replaceAll('\\r', '\r')
      assert.equal(
        attempt(() => commitmentProof.decode(new TextEncoder().encode(text))),
        undefined,
      )
      let json: Json = {}
      try {
        json = JSON.parse(text.toLowerCase())
      } catch {}
      const proof = existenceOf(json.proof ?? {})
      for (const spec of [...Object.values(specs), specOf(json.spec ?? {})]) {
        assert.equal(
          attempt(() => checkOps(proof, spec) ?? existenceRoot(proof, crypto)),
          undefined,
        )
        const claim = { spec, root: new Uint8Array(0), key: proof.key, value: proof.value }
        assert.equal(
          verifyMembership({ ...claim, proof: { exist: proof, nonexist: undefined } }, crypto).kind,
          'invalid',
        )
        const nothing = { exist: undefined, nonexist: undefined }
        assert.equal(verifyMembership({ ...claim, proof: nothing }, crypto).kind, 'invalid')
        assert.equal(verifyNonMembership({ ...claim, proof: nothing }, crypto).kind, 'invalid')
        const neither = { exist: undefined, nonexist: { key: proof.key, left: undefined, right: undefined } }
        assert.equal(verifyNonMembership({ ...claim, proof: neither }, crypto).kind, 'invalid')
      }
    }
  }
  assert.equal(inputs, 9)
})

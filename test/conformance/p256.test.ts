// ECDSA P-256 in each of our implementations, against Wycheproof's signatures in r | s form. We ask for low S as well, so
// what is valid there with a high S is bad here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import { parseHex } from '../../sdk/src/bytes.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { implementations } from '../crypto-implementations.ts'
import { readVector, vectorsSkip } from '../vectors.ts'

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any
type Case = { readonly item: SignedMessage; readonly valid: boolean; readonly lowS: boolean }

function casesOf(): readonly Case[] {
  const half = p256.Point.Fn.ORDER / 2n
  return readVector('wycheproof/ecdsa_secp256r1_sha256_p1363_test.json').testGroups.flatMap((group: Json) =>
    group.tests.map((vector: Json) => ({
      item: {
        publicKey: p256.Point.fromHex(group.publicKey.uncompressed).toBytes(true),
        message: parseHex(vector.msg),
        signature: parseHex(vector.sig),
      },
      valid: vector.result === 'valid',
      lowS: vector.sig.length === 128 && BigInt(`0x${vector.sig.slice(64)}`) <= half,
    })),
  )
}

for (const { name, open } of implementations) {
  test(`${name} accepts what Wycheproof holds valid for P-256 where S is low, and nothing else`, {
    skip: vectorsSkip,
  }, async () => {
    const cases = casesOf()
    const good = cases.filter(({ valid, lowS }) => valid && lowS)
    assert.deepEqual([cases.length, cases.filter(({ valid }) => valid).length, good.length], [262, 173, 103])
    const crypto = await open()
    try {
      const bad = new Set(await crypto.verifyP256(cases.map(({ item }) => item)))
      for (const [i, { valid, lowS }] of cases.entries()) assert.equal(bad.has(i), !(valid && lowS), `case ${i}`)
    } finally {
      crypto.close()
    }
  })
}

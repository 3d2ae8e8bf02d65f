// Ed25519 by ZIP-215, in each of our implementations, against the published vectors with CometBFT's own answer for each
// case. The differential run is in ed25519-differential.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8, parseHex } from '../../sdk/src/bytes.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { implementations } from '../crypto-implementations.ts'
import { readVector, vectorsSkip } from '../vectors.ts'

/** Items, and whether CometBFT v0.40.0 accepts each. */
type Suite = { readonly name: string; readonly items: readonly SignedMessage[]; readonly accepted: readonly boolean[] }

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

function zip215(): Suite {
  const { cases, message_utf8 } = readVector('ed25519/zip215_196.json')
  const items = cases.map((vector: Json) => ({
    publicKey: parseHex(vector.vk),
    signature: parseHex(vector.sig),
    message: encodeUtf8(message_utf8),
  }))
  return { name: 'ZIP-215', items, accepted: items.map(() => true) }
}

function cctv(): Suite {
  const items = readVector('ed25519/cctv_ed25519vectors.json').map((vector: Json) => ({
    publicKey: parseHex(vector.key),
    signature: parseHex(vector.sig),
    message: encodeUtf8(vector.msg),
  }))
  return { name: 'CCTV', items, accepted: verdicts().cctv_ed25519vectors.map(isAccepted) }
}

function speccheck(): Suite {
  const items = readVector('ed25519/speccheck_cases.json').map((vector: Json) => ({
    publicKey: parseHex(vector.pub_key),
    signature: parseHex(vector.signature),
    message: parseHex(vector.message),
  }))
  return { name: 'speccheck', items, accepted: verdicts().speccheck_cases.map(isAccepted) }
}

function wycheproof(): Suite {
  const answers = verdicts().wycheproof_ed25519_by_tcId
  const cases = readVector('ed25519/wycheproof_ed25519_test.json').testGroups.flatMap((group: Json) =>
    group.tests.map((vector: Json) => ({ ...vector, publicKey: group.publicKey.pk })),
  )
  const items = cases.map((vector: Json) => ({
    publicKey: parseHex(vector.publicKey),
    signature: parseHex(vector.sig),
    message: parseHex(vector.msg),
  }))
  return { name: 'Wycheproof', items, accepted: cases.map((vector: Json) => isAccepted(answers[vector.tcId])) }
}

function verdicts(): Json {
  return readVector('ed25519/cometbft_zip215_verdicts.json')
}

function isAccepted(verdict: unknown): boolean {
  assert.ok(verdict === 0 || verdict === 1)
  return verdict === 1
}

/** Cases, and how many of them CometBFT accepts. */
const counts: Readonly<Record<string, readonly [number, number]>> = {
  'ZIP-215': [196, 196],
  CCTV: [914, 826],
  speccheck: [12, 9],
  Wycheproof: [151, 89],
}

for (const load of [zip215, cctv, speccheck, wycheproof]) {
  for (const { name, open } of implementations) {
    test(`${name} answers all of ${load.name} as CometBFT does`, { skip: vectorsSkip }, async () => {
      const suite = load()
      const accepted = suite.accepted.filter(Boolean).length
      assert.deepEqual([suite.items.length, accepted], counts[suite.name])
      assert.equal(suite.accepted.length, suite.items.length)
      const crypto = await open()
      try {
        const bad = new Set(await crypto.verifyEd25519(suite.items))
        const differing = suite.items.flatMap((_, i) => (bad.has(i) === suite.accepted[i] ? [i] : []))
        assert.deepEqual(differing, [])
        // One by one as well: a verdict must not depend on its neighbours.
        for (let i = 0; i < suite.items.length; i += 7) {
          assert.deepEqual(await crypto.verifyEd25519([suite.items[i]!]), bad.has(i) ? [0] : [], `case ${i} alone`)
        }
      } finally {
        crypto.close()
      }
    })
  }
}

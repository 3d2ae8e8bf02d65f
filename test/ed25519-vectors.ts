// The published vectors for Ed25519 by ZIP-215, with CometBFT's own answer for each case.

import assert from 'node:assert/strict'
import { encodeUtf8, parseHex } from '../sdk/src/bytes.ts'
import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'
import { readVector } from './vectors.ts'

/** Items, and whether CometBFT v0.40.0 accepts each. */
export type Suite = { readonly items: readonly SignedMessage[]; readonly accepted: readonly boolean[] }

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

function zip215(): Suite {
  const { cases, message_utf8 } = readVector('ed25519/zip215_196.json')
  const items = cases.map((vector: Json) => ({
    publicKey: parseHex(vector.vk),
    signature: parseHex(vector.sig),
    message: encodeUtf8(message_utf8),
  }))
  return { items, accepted: items.map(() => true) }
}

function cctv(): Suite {
  const items = readVector('ed25519/cctv_ed25519vectors.json').map((vector: Json) => ({
    publicKey: parseHex(vector.key),
    signature: parseHex(vector.sig),
    message: encodeUtf8(vector.msg),
  }))
  return { items, accepted: verdicts().cctv_ed25519vectors.map(isAccepted) }
}

function speccheck(): Suite {
  const items = readVector('ed25519/speccheck_cases.json').map((vector: Json) => ({
    publicKey: parseHex(vector.pub_key),
    signature: parseHex(vector.signature),
    message: parseHex(vector.message),
  }))
  return { items, accepted: verdicts().speccheck_cases.map(isAccepted) }
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
  return { items, accepted: cases.map((vector: Json) => isAccepted(answers[vector.tcId])) }
}

function verdicts(): Json {
  return readVector('ed25519/cometbft_zip215_verdicts.json')
}

function isAccepted(verdict: unknown): boolean {
  assert.ok(verdict === 0 || verdict === 1)
  return verdict === 1
}

/** How to read each suite, where there are vectors. */
export const suites: readonly { readonly name: string; readonly load: () => Suite }[] = [
  { name: 'ZIP-215', load: zip215 },
  { name: 'CCTV', load: cctv },
  { name: 'speccheck', load: speccheck },
  { name: 'Wycheproof', load: wycheproof },
]

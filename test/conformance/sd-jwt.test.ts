// RFC 9901's own examples and those of the reference implementation: signature, disclosures, key binding, claims.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBase64Url, type Json, loadCrypto, sdJwt } from '@muniment/sdk'
import { listVectors, readVector, readVectorBytes, vectorsSkip } from '../vectors.ts'

const { compactFromJson, discloseClaims, parseSdJwt, parseJwk, verifyJws, verifyKeyBinding } = sdJwt
const issuerKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ',
  y: 'Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8',
}
// How many cases each set has: a set that shrinks fails.
const sets = { 'rfc9901-examples': 15, 'python-testcases': 17 }

function readPresentation(folder: string): string {
  const names = listVectors(folder)
  if (names.includes('sd_jwt_presentation.json'))
    return compactFromJson(JSON.parse(readVector(`${folder}/sd_jwt_presentation.json`)) as Json) // The file holds the JSON as a string.
  return new TextDecoder().decode(readVectorBytes(`${folder}/sd_jwt_presentation.txt`)).trim()
}

for (const [set, count] of Object.entries(sets)) {
  test(`${set}: every presentation verifies and shows just its claims`, { skip: vectorsSkip }, async () => {
    const crypto = await loadCrypto()
    const cases = listVectors(`sd-jwt/${set}`).filter(name => !name.endsWith('.yml'))
    assert.equal(cases.length, count)
    for (const name of cases) {
      const folder = `sd-jwt/${set}/${name}`
      const document = parseSdJwt(readPresentation(folder), crypto)
      assert.ok(await verifyJws(document.jwt, parseJwk(issuerKey), crypto), `${name}: signature`)
      const { claims } = discloseClaims(document)
      assert.deepEqual(claims, readVector(`${folder}/verified_contents.json`), `${name}: claims`)
      if (!document.keyBinding) continue
      const { aud, nonce } = readVector(`${folder}/kb_jwt_payload.json`)
      const holderKey = parseJwk((claims.cnf as { jwk: Json }).jwk)
      const demand = { audience: aud as string, nonce: nonce as string, issuedAfter: 0, holderKey }
      assert.ok(await verifyKeyBinding(document, demand, crypto), `${name}: key binding`)
      assert.ok(!(await verifyKeyBinding(document, { ...demand, nonce: 'another' }, crypto)), `${name}: foreign nonce`)
      const fewer = parseSdJwt(`${document.jwt.text}~${document.keyBinding.text}`, crypto)
      const untouched = document.disclosures.length === 0
      assert.equal(await verifyKeyBinding(fewer, demand, crypto), untouched, `${name}: fields taken away`)
    }
  })
}

test('a changed, foreign, repeated or missing disclosure is refused in every example', {
  skip: vectorsSkip,
}, async () => {
  const crypto = await loadCrypto()
  let tried = 0
  for (const [set] of Object.entries(sets)) {
    for (const name of listVectors(`sd-jwt/${set}`).filter(each => !each.endsWith('.yml'))) {
      const parts = readPresentation(`sd-jwt/${set}/${name}`).split('~')
      const shown = parts.slice(1, -1)
      if (shown.length === 0) continue
      const foreign = formatBase64Url(new TextEncoder().encode('["c2FsdHNhbHRzYWx0c2FsdA","family_name","Nobody"]'))
      const salt = formatBase64Url(
        new TextEncoder().encode(new TextDecoder().decode(decode(shown[0]!)).replace('"', '"x')),
      )
      const bad = [
        [...shown, foreign],
        [...shown, shown[0]!],
        [salt, ...shown.slice(1)],
        [...shown, ''],
      ]
      for (const disclosures of bad) {
        tried++
        const text = [parts[0], ...disclosures, ''].join('~')
        assert.throws(() => discloseClaims(parseSdJwt(text, crypto)), { name: 'VerifyError' }, `${name}`)
      }
    }
  }
  assert.ok(tried >= 80)
})

function decode(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64url'))
}

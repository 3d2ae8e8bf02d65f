import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import { VerifyError } from '../errors.ts'
import { introduceAnswer, introduceRequest, requestOf } from './introduction.ts'
import { signIntroduction, verifyIntroduction } from './introduction-signature.ts'

const [anna, berta, mallory] = await Promise.all(
  ['Ed25519', 'Ed25519', 'Ed25519'].map(() => generateKeyPair('Ed25519')),
)
const [annasKey, bertasKey, mallorysKey] = [anna!, berta!, mallory!].map(({ publicKey }) => publicKey.raw)
const blob = new Uint8Array(75).fill(7)
const nowMs = 1_800_000_000_000
const signed = await signIntroduction({ kind: 'offer', blob, target: bertasKey! }, anna!, nowMs)
const expected = { kind: 'offer', sender: annasKey!, target: bertasKey!, nowMs } as const

test('an introduction that was signed by its sender for its target is taken, also over the wire', async () => {
  await verifyIntroduction(signed, expected)
  const { introduce } = introduceRequest.decode(introduceRequest.encode(requestOf({ introduce: signed })))
  await verifyIntroduction(introduce!, expected)
})

test('a forged or carried-off introduction is refused', async () => {
  const altered = (change: Partial<typeof signed>): typeof signed => ({ ...signed, ...change })
  const flipped = signed.signature.slice()
  flipped[10]! ^= 1
  const forged = await signIntroduction({ kind: 'offer', blob, target: bertasKey! }, mallory!, nowMs)
  const cases: readonly [string, typeof signed, string][] = [
    ['another blob', altered({ blob: blob.slice(1) }), 'bad-signature'],
    ['a later end', altered({ expires: signed.expires + 1n }), 'bad-signature'],
    ['another signature', altered({ signature: flipped }), 'bad-signature'],
    ['no signature', altered({ signature: new Uint8Array(0) }), 'bad-signature'],
    ['another sender', forged, 'wrong-key'],
    ['another sender under the right name', altered({ signature: forged.signature }), 'bad-signature'],
    ['for somebody else', altered({ target: mallorysKey! }), 'wrong-key'],
  ]
  for (const [what, introduction, code] of cases)
    await assert.rejects(verifyIntroduction(introduction, expected), { name: 'VerifyError', code }, what)
  // Carried to somebody else, who is not named in it; or brought as an answer.
  await assert.rejects(verifyIntroduction(signed, { ...expected, target: mallorysKey! }), { code: 'wrong-key' })
  await assert.rejects(verifyIntroduction(signed, { ...expected, kind: 'answer' }), { code: 'bad-signature' })
})

test('an introduction holds for a minute, give or take the clocks', async () => {
  const at = (seconds: number) => verifyIntroduction(signed, { ...expected, nowMs: nowMs + seconds * 1_000 })
  await at(-60)
  await at(120)
  await assert.rejects(at(121), { code: 'expired' })
  await assert.rejects(at(-61), { code: 'from-future' })
})

test('an answer belongs to its offer and to no other', async () => {
  const offer = signed.signature
  const answer = await signIntroduction({ kind: 'answer', blob, target: annasKey!, offer }, berta!, nowMs)
  const asked = { kind: 'answer', sender: bertasKey!, target: annasKey!, nowMs } as const
  await verifyIntroduction(answer, { ...asked, offer })
  await assert.rejects(verifyIntroduction(answer, { ...asked, offer: offer.slice(1) }), { code: 'bad-signature' })
  await assert.rejects(verifyIntroduction(answer, asked), { code: 'bad-signature' })
})

test('bytes that are no request and no answer are refused', () => {
  for (const type of [introduceRequest, introduceAnswer]) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        try {
          type.decode(bytes)
        } catch (error) {
          assert.ok(error instanceof VerifyError)
        }
      }),
    )
  }
})

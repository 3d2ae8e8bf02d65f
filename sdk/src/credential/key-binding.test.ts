import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { signerOf } from '../../../test/signer.ts'
import { loadCrypto } from '../crypto/load.ts'
import { parseCredential, presentCredential, verifyKeyBinding } from './credential.ts'
import { issueCredential } from './issue.ts'
import { formatJwk } from './jws.ts'
import { bindPresentation } from './key-binding.ts'

const hasher = await loadCrypto({ forceFallback: true })
after(() => hasher.close())
const [issuer, holder, thief] = ['issuer', 'holder', 'thief'].map(signerOf) as [
  ReturnType<typeof signerOf>,
  ReturnType<typeof signerOf>,
  ReturnType<typeof signerOf>,
]
const content = {
  issuer: 'urn:muniment:example-1:office:land-registry',
  type: 'urn:example:land-title',
  issuedAt: 1_790_000_000,
  holder: formatJwk(holder.key),
  fields: { parcel: '12/345', owner: 'Example owner A' },
}
const text = await issueCredential(content, { signer: issuer, seed: new Uint8Array(16).fill(1), hasher })
const asked = { audience: 'https://bank.example', nonce: 'n0nce-of-the-bank-1' }
const given = { ...asked, signer: holder, issuedAt: 1_790_000_500, hasher }
const demand = { ...asked, issuedAfter: 1_790_000_000, issuedBefore: 1_790_001_000, holderKey: holder.key }
const judge = (bound: string, over: Partial<typeof demand> = {}) =>
  verifyKeyBinding(parseCredential(bound, hasher).document, { ...demand, ...over }, hasher)

describe('a document shown by its holder', () => {
  it('says so to whoever asked, with the fields that were chosen', async () => {
    const part = presentCredential(parseCredential(text, hasher), ['parcel'])
    const bound = await bindPresentation(part, given)
    const { fields, hiddenCount } = parseCredential(bound, hasher)
    assert.deepEqual([fields, hiddenCount], [{ parcel: '12/345' }, 1])
    assert.ok(await judge(bound))
  })

  it('says nothing to anybody else, at another time, or once more', async () => {
    const bound = await bindPresentation(text, given)
    assert.ok(!(await judge(bound, { audience: 'https://shop.example' })))
    assert.ok(!(await judge(bound, { nonce: 'n0nce-of-the-bank-2' })))
    assert.ok(!(await judge(bound, { issuedAfter: 1_790_000_501 })))
    assert.ok(!(await judge(bound, { issuedBefore: 1_790_000_499 })))
  })

  it('is not shown by whoever merely has it', async () => {
    assert.ok(!(await judge(await bindPresentation(text, { ...given, signer: thief }))))
    assert.ok(!(await judge(text)))
  })

  it('cannot be given other fields under the same word', async () => {
    const bound = await bindPresentation(text, given)
    const [binding] = bound.split('~').slice(-1)
    const part = presentCredential(parseCredential(text, hasher), ['parcel'])
    assert.ok(!(await judge(`${part}${binding}`)))
  })

  it('is bound once', async () => {
    const bound = await bindPresentation(text, given)
    await assert.rejects(bindPresentation(bound, given), { name: 'VerifyError' })
  })
})

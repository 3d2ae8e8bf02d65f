import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  Algorithm,
  accountId,
  encodeArgs,
  encodeTransactionBody,
  formatBase64Url,
  formatHex,
  formatIssuer,
  issueCredential,
  type JsonObject,
  loadCrypto,
  parseCredential,
  type ServiceActs,
  type Signer,
  type TransactionBody,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import { formatKey, type ReviewedAgainst, readReview } from './review.ts'

const hasher = await loadCrypto({ forceFallback: true })
const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair
const signer: Signer = {
  key: {
    algorithm: Algorithm.ed25519,
    bytes: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
  },
  sign: async message =>
    new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, new Uint8Array(message))),
}
const chainId = 'example-1'
const account = accountId(hasher, signer.key)
const other = account.map(byte => byte ^ 1)
const label = { en: 'A label' }
const service: ServiceActs = {
  id: 'citizen.declaration@1',
  title: { en: 'Declaration' },
  type: 'urn:example:declaration',
  freshnessSeconds: 300,
  roles: { citizen: 'anyone', clerk: 'anyone' },
  fields: [
    { name: 'subject', label, show: 'committed' },
    { name: 'statement', label, show: 'committed' },
  ],
  transitions: {
    declare: {
      label: { en: 'Make a declaration' },
      by: ['citizen'],
      operation: 'records.issue',
      persons: 1,
      sign: 'anywhere',
    },
    withdraw: {
      label: { en: 'Withdraw' },
      by: ['citizen'],
      operation: 'records.revoke',
      persons: 1,
      sign: 'anywhere',
    },
  },
}
const fields = { subject: 'Bees', statement: 'I keep two hives.\nBoth are mine.' }
const request = { service: service.id, transition: 'declare', fields }

async function documentOf(given: {
  readonly fields?: JsonObject
  readonly type?: string
  readonly issuer?: Uint8Array
  readonly expires?: number
}): Promise<string> {
  const issuer = formatIssuer({ kind: 'account', chainId, account: given.issuer ?? account })
  const content = {
    issuer,
    type: given.type ?? service.type!,
    issuedAt: 1_772_539_200,
    fields: given.fields ?? fields,
    ...(given.expires === undefined ? {} : { expires: given.expires }),
  }
  return issueCredential(content, { signer, seed: new Uint8Array(16).fill(9), hasher })
}

const document = await documentOf({})
const commitmentOf = (text: string): string => formatBase64Url(parseCredential(text, hasher).commitment)
const nothing = new Uint8Array(0)

function bodyOf(
  change: Partial<TransactionBody> = {},
  args: JsonObject = { commitment: commitmentOf(document) },
): Uint8Array {
  return encodeTransactionBody({
    chainId,
    service: service.id,
    transition: 'declare',
    args: encodeArgs(args),
    nonce: 3n,
    validUntil: 3_010n,
    ifState: nothing,
    sponsor: nothing,
    signers: [{ account, role: 'citizen', mandate: nothing, nonce: 0n }],
    ...change,
  })
}

const against: ReviewedAgainst = {
  hasher,
  chainId,
  service,
  signers: [account],
  document,
  documentKey: undefined,
  request,
}

function refuses(body: Uint8Array, change: Partial<ReviewedAgainst> = {}): void {
  assert.throws(
    () => readReview(body, { ...against, ...change }),
    error => error instanceof SignError && error.code === 'bytes-differ',
  )
}

describe('what is shown before signing', () => {
  it('is read from the bytes: service, step, signer, bounds, seal and the text under the seal', () => {
    const review = readReview(bodyOf(), against)
    assert.deepEqual(
      { ...review, fields: review.fields.map(({ name, value }) => [name, value]) },
      {
        transactionId: review.transactionId,
        chainId,
        service: 'citizen.declaration@1',
        serviceTitle: { en: 'Declaration' },
        transition: 'declare',
        transitionLabel: { en: 'Make a declaration' },
        signers: [{ account: formatHex(account), role: 'citizen' }],
        nonce: 3n,
        validUntil: 3_010n,
        commitment: commitmentOf(document),
        documentKey: undefined,
        issuedAt: 1_772_539_200,
        fields: [
          ['subject', fields.subject],
          ['statement', fields.statement],
        ],
      },
    )
    assert.match(review.transactionId, /^[0-9a-f]{64}$/)
    assert.notEqual(review.transactionId, readReview(bodyOf({ nonce: 4n }), against).transactionId)
  })

  it('is not shown where the bytes are for another network, service or step than was asked for', () => {
    refuses(bodyOf({ chainId: 'example-2' }))
    refuses(bodyOf({ service: 'land.title@1' }))
    refuses(bodyOf({ transition: 'withdraw' }))
    refuses(bodyOf({ transition: 'toString' }), { request: { ...request, transition: 'toString' } })
  })

  it('is not shown where the bytes hold more than is shown', () => {
    refuses(bodyOf({ ifState: new Uint8Array(4).fill(1) }))
    refuses(bodyOf({ sponsor: account }))
    refuses(bodyOf({}, { commitment: commitmentOf(document), reason: 'x' }))
    refuses(bodyOf({}, {}))
    refuses(bodyOf({ signers: [{ account, role: 'citizen', mandate: other, nonce: 0n }] }))
  })

  it('is not shown where somebody else signs, or in another role', () => {
    const self = { account, role: 'citizen', mandate: nothing, nonce: 0n }
    refuses(bodyOf({ signers: [{ ...self, account: other }] }))
    refuses(bodyOf({ signers: [self, { ...self, account: other }] }))
    refuses(bodyOf({ signers: [{ ...self, role: 'clerk' }] }))
  })

  it('is not shown where the seal is of another document', async () => {
    const altered = await documentOf({ fields: { ...fields, statement: 'I keep nothing.' } })
    refuses(bodyOf({}, { commitment: commitmentOf(altered) }))
    refuses(bodyOf(), { document: altered })
    refuses(bodyOf({}, { commitment: commitmentOf(altered) }), { document: altered })
  })

  it('is not shown where the document has another issuer, type, or parts that nobody sees', async () => {
    for (const change of [
      { issuer: other },
      { type: 'urn:example:land-title' },
      { expires: 1_900_000_000 },
      { fields: { ...fields, note: 'x' } },
    ]) {
      const changed = await documentOf(change)
      refuses(bodyOf({}, { commitment: commitmentOf(changed) }), {
        document: changed,
        request: { ...request, fields: change.fields ?? fields },
      })
    }
  })

  it('names the key that signed the document where a passkey signs, and is not shown where it is another or nobody’s', () => {
    const documentKey = { algorithm: Algorithm.ed25519, bytes: new Uint8Array(32).fill(7) }
    const args = { commitment: commitmentOf(document), documentKey: formatKey(documentKey) }
    assert.equal(readReview(bodyOf({}, args), { ...against, documentKey }).documentKey, '07'.repeat(32))
    const changed = { ...args, documentKey: formatKey({ ...documentKey, bytes: new Uint8Array(32).fill(8) }) }
    refuses(bodyOf({}, changed), { documentKey })
    refuses(bodyOf(), { documentKey })
    refuses(bodyOf({}, args))
  })

  it('is not shown for bytes that are no body at all', () => {
    const body = bodyOf()
    refuses(nothing)
    refuses(body.subarray(1))
    for (let i = 0; i < body.length; i += 7) {
      const flipped = body.map((byte, at) => (at === i ? byte ^ 0x80 : byte))
      try {
        const review = readReview(flipped, against)
        assert.notEqual(review.transactionId, readReview(body, against).transactionId)
      } catch (error) {
        assert.ok(error instanceof SignError)
      }
    }
  })
})

describe('what somebody else asks to be signed', () => {
  const own = { account, role: 'citizen', mandate: nothing, nonce: 0n }
  const two = { signers: [own, { ...own, account: other, nonce: 20n }] }
  const opened: Partial<ReviewedAgainst> = { signers: [account, other], request: undefined, documentKey: 'stated' }
  const documentKey = formatKey({ algorithm: Algorithm.ed25519, bytes: new Uint8Array(32).fill(7) })

  it('is read from the bytes alone, with all who sign', () => {
    const review = readReview(bodyOf(two), { ...against, ...opened })
    assert.deepEqual(
      review.signers.map(signer => signer.account),
      [formatHex(account), formatHex(other)],
    )
    assert.deepEqual(
      review.fields.map(({ name }) => name),
      ['subject', 'statement'],
    )
    const named = bodyOf(two, { commitment: commitmentOf(document), documentKey })
    assert.equal(readReview(named, { ...against, ...opened }).documentKey, '07'.repeat(32))
  })

  it('is not shown where it is a step that does something else', () => {
    refuses(bodyOf({ ...two, transition: 'withdraw' }), opened)
  })

  it('is not shown where the document’s key is no key', () => {
    for (const wrong of [{ algorithm: 3, key: 'AA' }, { algorithm: 1, key: 'AA' }, { key: 'AA' }, 'AA', null])
      refuses(bodyOf(two, { commitment: commitmentOf(document), documentKey: wrong }), opened)
    refuses(bodyOf(two, { commitment: commitmentOf(document), documentKey: { ...documentKey, more: 1 } }), opened)
  })

  it('is not shown where its text holds what nobody sees, or more than fits', async () => {
    for (const statement of ['I owe 10\u202e0\u2066', 'zero\u200bwidth', 'x'.repeat(2_001), ['a', 'list'], null]) {
      const hidden = await documentOf({ fields: { ...fields, statement } })
      refuses(bodyOf(two, { commitment: commitmentOf(hidden) }), { ...opened, document: hidden })
    }
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  assertCanonical,
  bytesOf,
  bytesUpTo,
  changeBytes,
  changes,
  readOrRefused,
  textUpTo,
  uint64s,
} from '../../../test/hostile.ts'
import { formatHex } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { signersMax, transactionBytesMax } from '../limits.ts'
import {
  decodeTransaction,
  decodeTransactionBody,
  encodeTransaction,
  encodeTransactionBody,
  signBytes,
  type TransactionBody,
  transactionId,
} from './transaction.ts'

const hasher = await loadCrypto()
const nothing = new Uint8Array(0)
const signers = fc.record({
  account: bytesOf(32),
  role: textUpTo(40),
  mandate: fc.oneof(fc.constant(nothing), bytesOf(32)),
  nonce: uint64s,
})
const bodies: fc.Arbitrary<TransactionBody> = fc.record({
  chainId: textUpTo(50),
  service: textUpTo(80),
  transition: textUpTo(40),
  args: bytesUpTo(200),
  nonce: uint64s,
  validUntil: uint64s,
  ifState: bytesUpTo(64),
  sponsor: fc.constant(nothing),
  signers: fc
    .uniqueArray(signers, { minLength: 1, maxLength: 4, selector: each => formatHex(each.account) })
    .map(list => list.map((each, place) => (place === 0 ? { ...each, nonce: 0n } : each))),
})

test('a body: values survive, changed bytes and noise are refused or are the one spelling', () => {
  assertCanonical({ encode: encodeTransactionBody, decode: decodeTransactionBody }, bodies, 1000)
})

const signature = fc.record({
  scheme: fc.nat(3),
  key: fc.record({ algorithm: fc.nat(3), bytes: bytesUpTo(33) }),
  signature: bytesUpTo(64),
  authenticatorData: bytesUpTo(10),
  clientData: bytesUpTo(10),
})
const transactions = bodies.chain(body =>
  fc
    .array(signature, { minLength: body.signers.length, maxLength: body.signers.length })
    .map(signatures => ({ body: encodeTransactionBody(body), signatures })),
)

test('a transaction: values survive, changed bytes and noise are refused or are the one spelling', () => {
  const decode = (bytes: Uint8Array) => decodeTransaction(bytes).transaction
  assertCanonical({ encode: encodeTransaction, decode }, transactions, 1000)
})

const body: TransactionBody = {
  chainId: 'test-1',
  service: 'land.title@1',
  transition: 'enter',
  args: new TextEncoder().encode('{}'),
  nonce: 1n,
  validUntil: 100n,
  ifState: nothing,
  sponsor: nothing,
  signers: [
    { account: new Uint8Array(32).fill(1), role: 'registrar', mandate: nothing, nonce: 0n },
    { account: new Uint8Array(32).fill(2), role: 'witness', mandate: new Uint8Array(32).fill(3), nonce: 0n },
  ],
}
const [first, second] = body.signers as [TransactionBody['signers'][0], TransactionBody['signers'][0]]

test('a body that would confuse who signs is refused', () => {
  const bad: readonly [string, Partial<TransactionBody>][] = [
    ['nobody signs', { signers: [] }],
    ['a second nonce of the first signer', { signers: [{ ...first, nonce: 1n }] }],
    ['an account signs twice', { signers: [first, { ...first, role: 'witness' }] }],
    ['a short account', { signers: [{ ...first, account: new Uint8Array(31) }] }],
    ['no account', { signers: [{ ...first, account: nothing }] }],
    ['a short mandate', { signers: [{ ...first, mandate: new Uint8Array(31) }] }],
    ['a sponsor who does not sign', { sponsor: new Uint8Array(32).fill(9) }],
    ['a short sponsor', { sponsor: new Uint8Array(31).fill(1) }],
    [
      'too many signers',
      {
        signers: Array.from({ length: signersMax + 1 }, (_, i) => ({
          ...first,
          account: new Uint8Array(32).fill(i + 1),
        })),
      },
    ],
    ['arguments too long', { args: new Uint8Array(24 * 1024 + 1) }],
  ]
  for (const [name, change] of bad)
    assert.throws(
      () => decodeTransactionBody(encodeTransactionBody({ ...body, ...change })),
      { name: 'VerifyError' },
      name,
    )
  assert.throws(() => decodeTransaction(new Uint8Array(transactionBytesMax + 1)), { code: 'oversized' })
})

test('signatures and signers that differ in number are refused', () => {
  const one = {
    scheme: 1,
    key: { algorithm: 1, bytes: new Uint8Array(32) },
    signature: new Uint8Array(64),
    authenticatorData: nothing,
    clientData: nothing,
  }
  for (const count of [0, 1, 3]) {
    const encoded = encodeTransaction({ body: encodeTransactionBody(body), signatures: Array(count).fill(one) })
    assert.throws(() => decodeTransaction(encoded), { code: 'malformed' })
  }
})

test('no two of: chain, genesis, body, place or role are signed by the same bytes (rule 24)', () => {
  const genesis = new Uint8Array(32).fill(7)
  const other = new Uint8Array(32).fill(8)
  const bytes = (change: Partial<TransactionBody>, place = 0, hash = genesis): string =>
    formatHex(signBytes(hasher, hash, { body: encodeTransactionBody({ ...body, ...change }), signer: place }))
  const all = [
    bytes({}),
    bytes({}, 1),
    bytes({}, 0, other),
    bytes({ chainId: 'test-2' }),
    bytes({ service: 'land.title@2' }),
    bytes({ transition: 'revoke' }),
    bytes({ args: new TextEncoder().encode('{"a":1}') }),
    bytes({ nonce: 2n }),
    bytes({ validUntil: 101n }),
    bytes({ ifState: new Uint8Array([1]) }),
    bytes({ sponsor: first.account }),
    bytes({ signers: [first] }),
    bytes({ signers: [second, first] }),
    bytes({ signers: [second, first] }, 1),
    bytes({ signers: [{ ...first, role: 'witness' }, second] }),
    bytes({ signers: [{ ...first, mandate: other }, second] }),
    bytes({ signers: [first, { ...second, role: 'registrar' }] }),
  ]
  assert.equal(new Set(all).size, all.length)
  assert.throws(() => signBytes(hasher, genesis, { body: encodeTransactionBody(body), signer: 2 }), {
    code: 'malformed',
  })
})

test('whatever is changed in a body, another transaction is signed', () => {
  const encoded = encodeTransactionBody(body)
  const id = formatHex(transactionId(hasher, encoded))
  fc.assert(
    fc.property(changes, list => {
      const changed = changeBytes(encoded, list)
      if (formatHex(changed) === formatHex(encoded)) return
      assert.notEqual(formatHex(transactionId(hasher, changed)), id)
      readOrRefused(() => signBytes(hasher, new Uint8Array(32), { body: changed, signer: 0 }))
    }),
    { numRuns: 2000 },
  )
})

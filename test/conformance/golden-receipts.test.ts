// Receipts, what is signed of them, and what the state keeps of broken ones: what they always were (test/golden/receipts-1.json, written once).

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  decodeReceipt,
  encodeReceipt,
  formatHex,
  loadCrypto,
  receiptSignBytes,
  reportedReceiptKey,
  unmetReceiptsEntry,
  unmetReceiptsKey,
} from '@muniment/sdk'
import { testKey } from '../test-chain.ts'

const crypto = await loadCrypto({ forceFallback: true })
const file = fileURLToPath(new URL('../golden/receipts-1.json', import.meta.url))
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const key = testKey('one')
const promise = {
  ...{ validator: key.publicKey.bytes, transactionId: filled(1), transactionHash: filled(2) },
  ...{ height: 7n, headHash: filled(3), byHeight: 27n, byTime: 1_800_000_120n, caseVersion: 3n },
}
const signBytes = receiptSignBytes(filled(4), promise)
const receipt = { ...promise, signature: key.sign(signBytes) }

const made = {
  signBytes,
  receipt: encodeReceipt(receipt),
  unmet: unmetReceiptsEntry.encode({
    count: 2n,
    newest: [{ transactionId: filled(1), byHeight: 27n, reportedHeight: 40n }],
  }),
  unmetKey: unmetReceiptsKey(crypto, key.publicKey.bytes),
  reportedKey: reportedReceiptKey(crypto, key.publicKey.bytes, filled(1)),
}

test('the format "receipts" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(file) && process.env.GOLDEN === 'write')
    writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(file, 'utf8')))
  assert.deepEqual(decodeReceipt(made.receipt), receipt)
})

import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDB } from 'idb'
import { testStoreCompliance } from '../../../test/compliance/store.ts'
import { createSignedChain } from '../../../test/signed-chain.ts'
import { lightBlock } from '../comet/light-block.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import { openIndexedDbStore } from './indexed-db.ts'
import { createMemoryStore } from './memory.ts'

let opened = 0
testStoreCompliance('memory', async () => createMemoryStore())
testStoreCompliance('IndexedDB', () => openIndexedDbStore(`test ${opened++}`))

test('IndexedDB: what was put is there after the page was closed', async () => {
  const crypto = await loadCrypto()
  const { blocks } = createSignedChain({ heights: 2, membersAt: () => [{ name: 'office', power: 1n }] }, crypto)
  const first = await openIndexedDbStore('kept')
  for (const block of blocks) await first.put('test-chain', block)
  await first.close()
  const second = await openIndexedDbStore('kept')
  assert.deepEqual(await second.newest('test-chain'), blocks[1])
  await second.close()
})

test('IndexedDB: what another script planted and cannot be read counts as missing', async () => {
  const crypto = await loadCrypto()
  const { blocks } = createSignedChain({ heights: 2, membersAt: () => [{ name: 'office', power: 1n }] }, crypto)
  const store = await openIndexedDbStore('planted')
  await store.put('test-chain', blocks[0]!)
  const database = await openDB('planted', 2)
  const bytes = lightBlock.encode(blocks[1]!)
  for (const [height, value] of [
    ['00000000000000000002', 'a string'],
    ['00000000000000000003', bytes],
    ['00000000000000000004', bytes.subarray(0, 50)],
    ['0000000000000000000x', bytes],
    ['99999999999999999999', new Uint8Array(0)],
  ] as const) {
    await database.put('lightBlocks', value, ['test-chain', height])
  }
  await database.put('lightBlocks', bytes, ['other-chain', '00000000000000000002'])
  database.close()
  assert.deepEqual(await store.newest('test-chain'), blocks[0])
  assert.equal(await store.newest('other-chain'), undefined)
  assert.equal(await store.get('test-chain', 2n), undefined)
  await store.close()
})

test('IndexedDB: where the host forbids it, the error is typed', async () => {
  const { indexedDB } = globalThis
  Object.assign(globalThis, {
    indexedDB: {
      open() {
        throw new Error('SecurityError')
      },
    },
  })
  try {
    await assert.rejects(openIndexedDbStore('forbidden'), (error: unknown) => {
      return error instanceof VerifyError && error.code === 'unavailable'
    })
  } finally {
    Object.assign(globalThis, { indexedDB })
  }
})

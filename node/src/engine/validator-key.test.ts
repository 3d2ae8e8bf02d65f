import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { encodeUtf8, loadCrypto, noBlockId, parseHex, parseTime } from '@muniment/sdk'
import type { HomeError } from '../home-error.ts'
import { signPrecommit } from './sign-state.ts'
import { createValidatorKey, loadValidatorKey, validatorKeyOf } from './validator-key.ts'

const windows = process.platform === 'win32' && 'Windows has no such permissions'

describe('validator key', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muniment-key-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('signs as RFC 8032, 7.1, test 2 has it', () => {
    const key = validatorKeyOf(parseHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
    const signature =
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
    assert.deepEqual(key.sign(Uint8Array.of(0x72)), parseHex(signature))
  })

  test('a new file is in CometBFT’s shape, and read again gives the same key', async () => {
    const path = join(folder, 'priv_validator_key.json')
    const key = await createValidatorKey(path)
    const json = JSON.parse(await readFile(path, 'utf8'))
    assert.deepEqual(Object.keys(json), ['address', 'pub_key', 'priv_key'])
    assert.equal(json.priv_key.type, 'tendermint/PrivKeyEd25519')
    assert.equal(json.pub_key.type, 'tendermint/PubKeyEd25519')
    assert.equal(json.address, Buffer.from(key.address).toString('hex').toUpperCase())
    const again = await loadValidatorKey(path)
    assert.deepEqual(again.publicKey, key.publicKey)
    const message = encodeUtf8('message')
    const crypto = await loadCrypto()
    const item = { publicKey: again.publicKey.bytes, message, signature: again.sign(message) }
    assert.deepEqual(await crypto.verifyEd25519([item]), [])
  })

  test('a key that exists is never written over', async () => {
    const path = join(folder, 'existing.json')
    await createValidatorKey(path)
    const before = await readFile(path)
    await assert.rejects(createValidatorKey(path))
    assert.deepEqual(await readFile(path), before)
  })

  test('only the owner may read it', { skip: windows }, async () => {
    const path = join(folder, 'mode.json')
    await createValidatorKey(path)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    await chmod(path, 0o644)
    await assert.rejects(loadValidatorKey(path), (error: HomeError) => error.code === 'permission')
  })

  test('nonsense in the file is one sentence', async () => {
    const path = join(folder, 'bad.json')
    for (const text of ['', '{}', '{"priv_key": {"type": "tendermint/PrivKeyEd25519", "value": "AAAA"}}']) {
      await writeFile(path, text, { mode: 0o600 })
      await assert.rejects(loadValidatorKey(path), (error: HomeError) => error.code === 'file-malformed')
    }
  })
})

describe('sign state', () => {
  const key = validatorKeyOf(new Uint8Array(32).fill(7))
  const id = (byte: number) => ({ ...noBlockId, hash: new Uint8Array(32).fill(byte) })
  const vote = (height: bigint, byte: number, second = 0) => ({
    chainId: 'test-chain',
    height,
    blockId: id(byte),
    timestamp: parseTime(`2026-11-20T10:00:0${second}Z`),
  })

  test('never two blocks at one height, never an earlier height', () => {
    const state = signPrecommit(key, undefined, vote(5n, 1))
    assert.throws(() => signPrecommit(key, state, vote(5n, 2)), /two blocks/)
    assert.throws(() => signPrecommit(key, state, vote(4n, 1)), /earlier height/)
    assert.equal(signPrecommit(key, state, vote(6n, 2)).height, 6n)
  })

  test('the same block may be signed again with another time', () => {
    const state = signPrecommit(key, undefined, vote(5n, 1, 1))
    assert.notDeepEqual(signPrecommit(key, state, vote(5n, 1, 2)).signature, state.signature)
  })
})

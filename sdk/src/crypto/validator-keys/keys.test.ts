import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { validatorKeyOf } from '../../../../test/validator-keys.ts'
import { loadCrypto } from '../load.ts'
import { type OtherKeyType, verifyKeys, withValidatorKeys } from './keys.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const types: readonly OtherKeyType[] = ['secp256k1', 'secp256k1eth', 'bls12381', 'mldsa65']
const message = new Uint8Array(50).fill(8)

test('only the kinds of keys that are asked for are loaded, and none twice', async () => {
  assert.equal(await withValidatorKeys([], crypto), crypto)
  const one = await withValidatorKeys(['secp256k1', 'secp256k1'], crypto)
  assert.deepEqual(Object.keys(one.validatorKeys!), ['secp256k1'])
  assert.equal(await withValidatorKeys(['secp256k1'], one), one)
  const two = await withValidatorKeys(['secp256k1', 'mldsa65'], one)
  assert.deepEqual(Object.keys(two.validatorKeys!), ['secp256k1', 'mldsa65'])
  assert.equal(two.validatorKeys!.secp256k1, one.validatorKeys!.secp256k1)
  assert.equal(crypto.validatorKeys, undefined, 'what was given stays as it was')
})

for (const type of types) {
  test(`${type}: the bad ones are named, whatever is done with the bytes after the call`, async () => {
    const { validatorKeys } = await withValidatorKeys([type], crypto)
    const { publicKey, sign } = validatorKeyOf(type, 'one')
    const good = { publicKey: publicKey.bytes, message, signature: sign(message) }
    const bad = { ...good, message: new Uint8Array(50) }
    const items = [good, bad, good, good, bad].map(item => ({ ...item, signature: item.signature.slice() }))
    const answer = verifyKeys(validatorKeys![type]!, items)
    for (const { signature } of items) signature.fill(0)
    assert.deepEqual(await answer, [1, 4])
  })
}

test('checking stops when it is told to', async () => {
  const { validatorKeys } = await withValidatorKeys(['secp256k1'], crypto)
  const { publicKey, sign } = validatorKeyOf('secp256k1', 'one')
  const item = { publicKey: publicKey.bytes, message, signature: sign(message) }
  const stop = new AbortController()
  const items = Array.from({ length: 100 }, () => item)
  const answer = verifyKeys(validatorKeys!.secp256k1!, items, {
    signal: stop.signal,
    onProgress: share => share > 0.2 && stop.abort(new Error('enough')),
  })
  await assert.rejects(answer, /enough/)
})

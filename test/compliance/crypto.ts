// What every Crypto promises. Call it from a test file of each implementation.

import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import { concat, encodeUtf8, formatHex, parseHex } from '../../sdk/src/bytes.ts'
import type { Crypto, SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { merkleRoot } from '../../sdk/src/merkle/root.ts'

/** Longer than any window through which an implementation passes bytes. */
const longBytes = 700_000

const oracle = {
  sha256: (...parts: readonly Uint8Array[]): Uint8Array => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return new Uint8Array(hash.digest())
  },
}

const ed25519Key = generateKeyPairSync('ed25519')
const p256Secret = p256.keygen()

function ed25519Item(message: Uint8Array, { privateKey, publicKey } = ed25519Key): SignedMessage {
  return { publicKey: rawKey(publicKey), message, signature: new Uint8Array(sign(null, message, privateKey)) }
}

function rawKey(publicKey: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'))
}

function p256Item(message: Uint8Array): SignedMessage {
  const signature = p256.sign(message, p256Secret.secretKey, { lowS: true, prehash: true })
  return { publicKey: p256.getPublicKey(p256Secret.secretKey, true), message, signature }
}

const flipped = (bytes: Uint8Array, index: number): Uint8Array => bytes.map((b, i) => (i === index ? b ^ 1 : b))

/** `open` gives an implementation; the suite closes it. */
export function testCryptoCompliance(name: string, open: () => Promise<Crypto>): void {
  let crypto: Crypto
  before(async () => {
    crypto = await open()
  })
  after(() => crypto.close())

  testHashes(name, () => crypto)
  testTrees(name, () => crypto)
  testSignatures(name, () => crypto)
  testP256(name, () => crypto)
  testOptions(name, () => crypto)
}

function testHashes(name: string, crypto: () => Crypto): void {
  test(`${name}: SHA-256 gives the answers of FIPS 180-4 and of NIST's long example`, () => {
    const known: readonly [Uint8Array, string][] = [
      [encodeUtf8(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      [encodeUtf8('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      [
        encodeUtf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
      ],
      [new Uint8Array(1_000_000).fill(97), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
    ]
    for (const [message, digest] of known) assert.equal(formatHex(crypto().sha256(message)), digest)
    assert.equal(formatHex(crypto().sha256()), known[0]![1])
  })

  test(`${name}: SHA-256 is right at every length around its blocks, whole or in parts`, () => {
    for (let length = 0; length <= 260; length++) {
      const message = randomBytes(length)
      const digest = formatHex(oracle.sha256(message))
      const cut = length === 0 ? 0 : message[0]! % (length + 1)
      assert.equal(formatHex(crypto().sha256(message)), digest, `${length} bytes`)
      const parts = [message.subarray(0, cut), new Uint8Array(0), message.subarray(cut)]
      assert.equal(formatHex(crypto().sha256(...parts)), digest, `${length} bytes cut at ${cut}`)
    }
  })
}

function testTrees(name: string, crypto: () => Crypto): void {
  test(`${name}: the root of RFC 6962 is right for every number of leaves, of any length`, () => {
    for (let count = 0; count <= 70; count++) {
      const leaves = Array.from({ length: count }, (_, i) => randomBytes((i * 37) % 150))
      assert.equal(formatHex(crypto().merkleRoot(leaves)), formatHex(merkleRoot(leaves, oracle)), `${count} leaves`)
    }
  })

  test(`${name}: trees of many leaves, and of leaves longer than any window, have the right root`, () => {
    const many = Array.from({ length: 20_001 }, (_, i) => Uint8Array.of(i, i >> 8, 1))
    const long = [randomBytes(5), randomBytes(longBytes), randomBytes(262_140), randomBytes(262_141), randomBytes(0)]
    for (const leaves of [many, long, long.slice(1, 2)]) {
      assert.equal(formatHex(crypto().merkleRoot(leaves)), formatHex(merkleRoot(leaves, oracle)))
    }
  })
}

function testSignatures(name: string, crypto: () => Crypto): void {
  test(`${name}: Ed25519 signatures over messages of every length around SHA-512's blocks are good`, async () => {
    const items = Array.from({ length: 270 }, (_, length) => ed25519Item(randomBytes(length)))
    assert.deepEqual(await crypto().verifyEd25519(items), [])
  })

  test(`${name}: a message longer than any window is checked whole`, async () => {
    const good = ed25519Item(randomBytes(longBytes))
    const items = [good, ed25519Item(randomBytes(7)), { ...good, message: flipped(good.message, longBytes - 1) }, good]
    assert.deepEqual(await crypto().verifyEd25519(items), [2])
  })

  test(`${name}: bad Ed25519 signatures are told by index, in ascending order`, async () => {
    const items = Array.from({ length: 60 }, (_, i) => ed25519Item(randomBytes(i)))
    assert.deepEqual(await crypto().verifyEd25519([]), [])
    items[3] = { ...items[3]!, signature: flipped(items[3]!.signature, 0) }
    items[17] = { ...items[17]!, signature: flipped(items[17]!.signature, 33) }
    items[41] = { ...items[41]!, message: flipped(items[41]!.message, 40) }
    items[59] = { ...items[59]!, publicKey: rawKey(generateKeyPairSync('ed25519').publicKey) }
    assert.deepEqual(await crypto().verifyEd25519(items), [3, 17, 41, 59])
  })

  test(`${name}: keys and signatures of a wrong length are bad, and no error`, async () => {
    const good = ed25519Item(encodeUtf8('text'))
    const items: SignedMessage[] = [
      { ...good, signature: good.signature.subarray(0, 63) },
      { ...good, signature: concat(good.signature, new Uint8Array(1)) },
      { ...good, signature: new Uint8Array(0) },
      good,
      { ...good, publicKey: good.publicKey.subarray(0, 31) },
      { ...good, publicKey: concat(good.publicKey, new Uint8Array(1)) },
      { ...good, publicKey: new Uint8Array(0) },
    ]
    assert.deepEqual(await crypto().verifyEd25519(items), [0, 1, 2, 4, 5, 6])
  })

  test(`${name}: S + L, which is another form of the same signature, is bad`, async () => {
    const good = ed25519Item(encodeUtf8('text'))
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const scalar = BigInt(`0x${formatHex(good.signature.slice(32).reverse())}`) + order
    const twin = parseHex(scalar.toString(16).padStart(64, '0')).reverse()
    const items = [{ ...good, signature: concat(good.signature.subarray(0, 32), twin) }, good]
    assert.deepEqual(await crypto().verifyEd25519(items), [0])
  })
}

function testP256(name: string, crypto: () => Crypto): void {
  const order = p256.Point.Fn.ORDER
  const scalarBytes = (value: bigint): Uint8Array => parseHex(value.toString(16).padStart(64, '0'))
  const scalarOf = (bytes: Uint8Array): bigint => BigInt(`0x${formatHex(bytes)}`)

  test(`${name}: P-256 signatures are good or bad as FIPS 186-5 and low S say`, async () => {
    const good = p256Item(encodeUtf8('text'))
    const [r, s] = [good.signature.subarray(0, 32), good.signature.subarray(32)]
    const items: SignedMessage[] = [
      good,
      { ...good, signature: concat(r, scalarBytes(order - scalarOf(s))) },
      { ...good, signature: concat(new Uint8Array(32), s) },
      { ...good, signature: concat(r, new Uint8Array(32)) },
      { ...good, signature: concat(scalarBytes(order), s) },
      { ...good, signature: concat(scalarBytes(2n ** 256n - 1n), s) },
      { ...good, signature: flipped(good.signature, 31) },
      { ...good, signature: good.signature.subarray(1) },
      { ...good, message: encodeUtf8('texts') },
      { ...good, publicKey: good.publicKey.subarray(1) },
      { ...good, publicKey: concat(Uint8Array.of(good.publicKey[0]! ^ 1), good.publicKey.subarray(1)) },
      { ...good, publicKey: concat(Uint8Array.of(5), good.publicKey.subarray(1)) },
      { ...good, publicKey: concat(Uint8Array.of(2), new Uint8Array(32).fill(0xff)) },
      { ...good, publicKey: p256.Point.fromBytes(good.publicKey).toBytes(false) },
      { ...good, publicKey: new Uint8Array(0) },
      good,
    ]
    assert.deepEqual(await crypto().verifyP256(items), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    assert.deepEqual(await crypto().verifyP256([]), [])
  })
}

function testOptions(name: string, crypto: () => Crypto): void {
  for (const verb of ['verifyEd25519', 'verifyP256'] as const) {
    const makeItem = verb === 'verifyP256' ? p256Item : ed25519Item

    test(`${name}: ${verb} judges what it was given, whatever is written into the buffers later`, async () => {
      const items = Array.from({ length: 40 }, (_, i) => makeItem(randomBytes(20 + i)))
      const spoilt = makeItem(randomBytes(20))
      spoilt.signature[5]! ^= 1
      const answers = crypto()[verb]([...items, spoilt])
      for (const { publicKey, message, signature } of items) for (const b of [publicKey, message, signature]) b.fill(7)
      spoilt.signature[5]! ^= 1
      assert.deepEqual(await answers, [40])
    })

    test(`${name}: ${verb} reads views into larger buffers`, async () => {
      const { publicKey, message, signature } = makeItem(encodeUtf8('a view'))
      const buffer = concat(new Uint8Array(3), publicKey, signature, message, new Uint8Array(9))
      const end = 3 + publicKey.length + signature.length
      const view = {
        publicKey: buffer.subarray(3, 3 + publicKey.length),
        signature: buffer.subarray(3 + publicKey.length, end),
        message: buffer.subarray(end, end + message.length),
      }
      assert.deepEqual(await crypto()[verb]([view, { ...view, message: buffer }]), [1])
    })

    test(`${name}: ${verb} tells its progress and ends at 1`, async () => {
      const shares: number[] = []
      const items = Array.from({ length: 50 }, () => makeItem(randomBytes(9)))
      await crypto()[verb](items, { onProgress: share => shares.push(share) })
      assert.equal(shares.at(-1), 1)
      assert.deepEqual(
        shares,
        shares.toSorted((left, right) => left - right),
      )
    })

    test(`${name}: ${verb} stops for a signal, with its reason`, async () => {
      const items = Array.from({ length: 600 }, () => makeItem(new Uint8Array(1)))
      const reason = new Error('the reader left')
      await assert.rejects(crypto()[verb](items, { signal: AbortSignal.abort(reason) }), reason)
      const controller = new AbortController()
      const answers = crypto()[verb](items, { signal: controller.signal, onProgress: () => controller.abort(reason) })
      await assert.rejects(answers, reason)
      assert.deepEqual(await crypto()[verb](items.slice(0, 3)), [])
    })
  }

  test(`${name}: calls that run at once each get their own answer`, async () => {
    const items = Array.from({ length: 100 }, (_, i) => ed25519Item(randomBytes(i)))
    const spoilt = (at: number): SignedMessage[] =>
      items.map((item, i) => (i === at ? { ...item, message: item.signature } : item))
    const answers = await Promise.all([5, 50, 99].map(at => crypto().verifyEd25519(spoilt(at))))
    assert.deepEqual(answers, [[5], [50], [99]])
  })
}

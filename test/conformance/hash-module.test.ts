// The module `hash` beside noble: every way through it, at the sizes where one way ends and another begins.

import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { encodeUtf8, formatHex } from '../../sdk/src/bytes.ts'
import { createFallbackCrypto } from '../../sdk/src/crypto/fallback.ts'
import { base64 } from '../../sdk/src/crypto/hash-module.generated.ts'
import { instantiate } from '../../sdk/src/crypto/instantiate.ts'
import { createWasmHash, type HashModule } from '../../sdk/src/crypto/wasm-hash.ts'
import { proveRange, verifyRange } from '../../sdk/src/merkle/range.ts'
import { merkleRoot } from '../../sdk/src/merkle/root.ts'

const module = await instantiate<HashModule>(base64)
const engine = createWasmHash(module)
/** Noble, and trees made of its hashes by `merkleRoot`. */
const { sha256 } = createFallbackCrypto({ subtle: null })
const noble = { sha256 }
/** The bytes that go over at once, and the hashes of leaves that are joined at once. */
const window = module.inputBytes.value as number
const joined = 4_096

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const leavesOf = (lengths: readonly number[]): Uint8Array[] => lengths.map(bytes)

function assertRoot(leaves: readonly Uint8Array[], what: string): void {
  assert.equal(formatHex(engine.merkleRoot(leaves)), formatHex(merkleRoot(leaves, noble)), what)
}

test("SHA-256 gives FIPS 180-4's own examples", () => {
  const examples: readonly [string, string][] = [
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    [
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ]
  for (const [text, digest] of examples) assert.equal(formatHex(engine.sha256(encodeUtf8(text))), digest)
})

test('SHA-256 is right at every length, whole and in parts', () => {
  for (let length = 0; length <= 300; length++) {
    const message = bytes(length)
    const digest = formatHex(sha256(message))
    assert.equal(formatHex(engine.sha256(message)), digest, `${length} bytes`)
    const [a, b] = [length >> 2, length >> 1]
    const parts = [message.subarray(0, a), new Uint8Array(0), message.subarray(a, b), message.subarray(b)]
    assert.equal(formatHex(engine.sha256(...parts)), digest, `${length} bytes in parts`)
  }
})

test('SHA-256 is right for messages that fill windows to the byte, just not, or just more', () => {
  for (const windows of [1, 2, 3]) {
    for (const more of [-65, -64, -63, -56, -55, -9, -1, 0, 1, 8, 55, 56, 63, 64, 65]) {
      const message = bytes(windows * window + more)
      const digest = formatHex(sha256(message))
      const what = `${windows} windows and ${more}`
      assert.equal(formatHex(engine.sha256(message)), digest, what)
      for (const cut of [1, 64, window - 1, window]) {
        assert.equal(
          formatHex(engine.sha256(message.subarray(0, cut), message.subarray(cut))),
          digest,
          `${what}: ${cut}`,
        )
      }
    }
  }
})

test('many messages of 64 bytes have their digests, in their order, however many they are', () => {
  const most = window / 64
  const counts = [...Array.from({ length: 24 }, (_, count) => count), most - 1, most, most + 1, 2 * most + 7]
  for (const count of counts) {
    const messages = bytes(64 * count)
    const digests = new Uint8Array(32 * count)
    engine.hashPairs(messages, digests)
    for (let i = 0; i < count; i++) {
      const digest = sha256(messages.subarray(64 * i, 64 * i + 64))
      assert.equal(formatHex(digests.subarray(32 * i, 32 * i + 32)), formatHex(digest), `${i} of ${count}`)
    }
  }
})

test('many pairs have the hashes of inner nodes and of pairs as leaves, in their order, however many they are', () => {
  const most = window / 64
  for (const count of [...Array.from({ length: 24 }, (_, i) => i), most - 1, most, most + 1, 2 * most + 7]) {
    const pairs = bytes(64 * count)
    const copy = pairs.slice()
    for (const prefix of [0, 1] as const) {
      const hashes = new Uint8Array(32 * count)
      engine.hashNodes(prefix, pairs, hashes)
      for (let i = 0; i < count; i++) {
        const hash = sha256(Uint8Array.of(prefix, ...pairs.subarray(64 * i, 64 * i + 64)))
        assert.equal(formatHex(hashes.subarray(32 * i, 32 * i + 32)), formatHex(hash), `${i} of ${count}`)
      }
    }
    assert.deepEqual(pairs, copy)
  }
})

test('digests without a place, or messages of another length, are refused', () => {
  for (const [messages, digests] of [
    [63, 32],
    [65, 32],
    [64, 31],
    [64, 64],
    [128, 32],
  ] as const) {
    assert.throws(() => engine.hashPairs(new Uint8Array(messages), new Uint8Array(digests)))
    assert.throws(() => engine.hashNodes(1, new Uint8Array(messages), new Uint8Array(digests)))
  }
})

test('leaves that are hashed together may differ in length by any number of blocks', () => {
  // A leaf of 54 bytes is the longest that takes one block, one of 118 the longest that takes two.
  const lengths = [0, 54, 55, 118, 119, 400]
  let count = 0
  for (let code = 0; code < lengths.length ** 5; code++) {
    const chosen = [0, 1, 2, 3, 4].map(place => lengths[Math.floor(code / lengths.length ** place) % lengths.length]!)
    for (const size of [5, 1 + (count % 4)]) assertRoot(leavesOf(chosen.slice(0, size)), chosen.slice(0, size).join())
    count++
  }
  assert.equal(count, 7_776)
})

test('the root is right for every number of leaves up to 300, of many lengths', () => {
  for (let size = 0; size <= 300; size++) {
    assertRoot(leavesOf(Array.from({ length: size }, (_, i) => (i * i * 7 + size) % 140)), `${size} leaves`)
  }
})

test('the root is right for as many leaves as are joined at once, for one more or less, and for many times that', () => {
  for (const size of [joined - 1, joined, joined + 1, 2 * joined, 3 * joined, 3 * joined + 5, 5 * joined - 2]) {
    const all = bytes(32 * size)
    const leaves = Array.from({ length: size }, (_, i) => all.subarray(32 * i, 32 * i + 32))
    assertRoot(leaves, `${size} leaves`)
    // Of many lengths, so that the windows end elsewhere.
    assertRoot(leavesOf(Array.from({ length: size }, (_, i) => (i * i + size) % 130)), `${size} leaves of many lengths`)
  }
})

test('leaves as long as a window, longer, and short ones between them make the right tree', () => {
  const longest = window - 10
  const lists = [
    [longest],
    [longest + 1],
    [longest - 1, longest, longest + 1, longest + 2],
    [3, 5 * window + 1, 4, 70, 0, longest, 33, window, window + 64, 1],
    [window / 2, window / 2 - 64, window / 2 - 74, window / 2, 1, 2, 3],
    Array.from({ length: 40 }, (_, i) => (i * 9_973) % (window + 1_000)),
  ]
  for (const lengths of lists) assertRoot(leavesOf(lengths), lengths.join())
})

test('a tree of a million leaves has the right root', () => {
  const size = 1_000_000
  const all = bytes(32 * size)
  const leaves = Array.from({ length: size }, (_, i) => all.subarray(32 * i, 32 * i + 32))
  const level = Buffer.alloc(32 * size)
  const [leaf, node] = [new Uint8Array(33), new Uint8Array(65)]
  node[0] = 1
  for (let i = 0; i < size; i++) {
    leaf.set(leaves[i]!, 1)
    level.write(hash('sha256', leaf, 'binary'), 32 * i, 'latin1')
  }
  for (let width = size; width > 1; width = Math.ceil(width / 2)) {
    for (let i = 0; i + 1 < width; i += 2) {
      node.set(level.subarray(32 * i, 32 * i + 64), 1)
      level.write(hash('sha256', node, 'binary'), 16 * i, 'latin1')
    }
    if (width % 2 === 1) level.copyWithin(16 * (width - 1), 32 * (width - 1), 32 * width)
  }
  assert.equal(formatHex(engine.merkleRoot(leaves)), formatHex(level.subarray(0, 32)))
})

test('what was hashed before changes nothing, not even a call that failed half way', () => {
  const leaves = leavesOf([40, 300, 2, 90, 33, 1, 0])
  const message = bytes(window + 100)
  for (const spoil of [
    () => engine.merkleRoot([...leavesOf(Array.from({ length: 5_000 }, () => 60)), undefined as unknown as Uint8Array]),
    () => engine.merkleRoot([bytes(2 * window), undefined as unknown as Uint8Array]),
    () => engine.sha256(message, undefined as unknown as Uint8Array),
    () => engine.sha256(bytes(3), undefined as unknown as Uint8Array),
  ]) {
    assert.throws(spoil, TypeError)
    assertRoot(leaves, 'a tree after a failure')
    assert.equal(formatHex(engine.sha256(message)), formatHex(sha256(message)))
  }
})

test('answers stay what they are when more is asked, and questions are not written to', () => {
  const leaves = leavesOf([32, 32, 32, 32, 32, 32])
  const copies = leaves.map(leaf => leaf.slice())
  const [digest, root] = [engine.sha256(leaves[0]!), engine.merkleRoot(leaves)]
  engine.hashPairs(new Uint8Array(64 * 9), new Uint8Array(32 * 9))
  engine.merkleRoot(leaves.slice(1))
  assert.deepEqual(leaves, copies)
  assert.equal(formatHex(digest), formatHex(sha256(leaves[0]!)))
  assert.equal(formatHex(root), formatHex(merkleRoot(leaves, noble)))
})

test('runs of leaves are proved by the engine as without it', () => {
  const all = leavesOf(Array.from({ length: 40 }, (_, i) => (i * 37) % 130))
  for (const size of [1, 2, 3, 7, 16, 29, 40]) {
    const leaves = all.slice(0, size)
    const root = engine.merkleRoot(leaves)
    for (let begin = 0; begin < size; begin++) {
      for (let end = begin + 1; end <= size; end++) {
        const proof = proveRange(leaves, { begin, end }, engine)
        assert.deepEqual(proof.map(formatHex), proveRange(leaves, { begin, end }, noble).map(formatHex))
        const claim = { leaves: leaves.slice(begin, end), begin: BigInt(begin), size: BigInt(size), proof, root }
        assert.equal(verifyRange(claim, engine).kind, 'verified')
        assert.equal(verifyRange({ ...claim, leaves: [bytes(131), ...claim.leaves.slice(1)] }, engine).kind, 'invalid')
      }
    }
  }
})

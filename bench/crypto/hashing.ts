// SHA-256 side by side, in Node: many hashes of 64 bytes, and the tree of RFC 6962.

import { hash, randomFillSync } from 'node:crypto'
import { hashInto } from '@chainsafe/as-sha256'
import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from '../../sdk/src/bytes.ts'
import { type Contender, secondsEach } from './contender.ts'
import { openEngine, openHashPairs } from './engine.ts'

/** A workload of hashes: its contenders, and the bytes of an alternation. */
export type HashWorkload<Call> = {
  readonly name: string
  readonly open: () => Promise<readonly Contender<Call>[]>
  readonly nextCall: () => Call
}

/** Blocks of 64 bytes one after the other, and the digest of each. */
type PairsCall = { readonly input: Uint8Array; readonly expected: Uint8Array }

/** A level of a Merkle tree, say: 256 KiB, which stay in a core's second cache. */
const pairs = 4_096

export const sha256Workload: HashWorkload<PairsCall> = {
  name: 'sha256-64',
  open: async () => [
    pairsContender('ours', await openHashPairs()),
    pairsContender('as-sha256', hashInto),
    pairsContender('noble', (input, output) => {
      for (let i = 0; i < pairs; i++) output.set(sha256(input.subarray(64 * i, 64 * i + 64)), 32 * i)
    }),
    ...Object.entries(nodeHashes).map(([name, hashTo]) => pairsContender(name, pairByPair(hashTo))),
  ],
  nextCall: () => {
    const input = randomFillSync(new Uint8Array(64 * pairs))
    const expected = Buffer.alloc(32 * pairs)
    pairByPair(nodeHashes['node-crypto'])(input, expected)
    return { input, expected }
  },
}

/** Writes the SHA-256 of `input` to `output` from `start`. */
type HashTo = (input: Uint8Array, output: Buffer, start: number) => void

/**
 * Node's `crypto.hash` in a loop: with the digest as bytes, as one would write it; and as a string whose characters are
 * then written where the bytes belong, for Node makes a Buffer so slowly that this is three times as fast.
 */
const nodeHashes = {
  'node-crypto': (input, output, start) => {
    output.set(hash('sha256', input, 'buffer'), start)
  },
  'node-crypto-strings': (input, output, start) => {
    output.write(hash('sha256', input, 'binary'), start, 32, 'latin1')
  },
} as const satisfies Readonly<Record<string, HashTo>>

function pairByPair(hashTo: HashTo): (input: Uint8Array, output: Buffer) => void {
  return (input, output) => {
    for (let i = 0; i < pairs; i++) hashTo(input.subarray(64 * i, 64 * i + 64), output, 32 * i)
  }
}

function pairsContender(name: string, hashPairs: (input: Uint8Array, output: Buffer) => void): Contender<PairsCall> {
  const output = Buffer.alloc(32 * pairs)
  return {
    name,
    run: async ({ input, expected }) => {
      const seconds = await secondsEach(pairs, () => hashPairs(input, output))
      if (!equals(output, expected)) throw new Error(`${name} answers a wrong digest`)
      return seconds
    },
  }
}

type TreeCall = {
  readonly leaves: readonly Uint8Array[]
  /** What the first contender answered; the others must say the same. */
  root: Uint8Array | undefined
}

const leafCount = 1_000_000

export const treeWorkload: HashWorkload<TreeCall> = {
  name: 'rfc6962-1m',
  open: async () => {
    const { merkleRoot, close } = await openEngine()
    return [
      treeContender('ours', merkleRoot, close),
      treeContender('node-crypto', leaves => rootByLoop(leaves, nodeHashes['node-crypto'])),
    ]
  },
  nextCall: nextTree(),
}

/** The same million leaves each time, with other bytes in them. */
function nextTree(): () => TreeCall {
  const bytes = new Uint8Array(32 * leafCount)
  const leaves = Array.from({ length: leafCount }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))
  return () => {
    randomFillSync(bytes)
    return { leaves, root: undefined }
  }
}

function treeContender(
  name: string,
  rootOf: (leaves: readonly Uint8Array[]) => Uint8Array,
  close?: () => void,
): Contender<TreeCall> {
  return {
    name,
    run: async call => {
      let root = new Uint8Array()
      const seconds = await secondsEach(nodesOf(leafCount), () => {
        root = Uint8Array.from(rootOf(call.leaves))
      })
      call.root ??= root
      if (!equals(root, call.root)) throw new Error(`${name} answers another root`)
      return seconds
    },
    ...(close === undefined ? {} : { close }),
  }
}

/** How many hashes a tree of so many leaves takes. */
function nodesOf(leaves: number): number {
  return 2 * leaves - 1
}

/** RFC 6962, section 2.1, level by level in one buffer: as fast as a loop gets that hashes a node at a time. */
function rootByLoop(leaves: readonly Uint8Array[], hashTo: HashTo): Uint8Array<ArrayBuffer> {
  const level = Buffer.alloc(32 * leaves.length)
  const leaf = new Uint8Array(33)
  const node = new Uint8Array(65)
  node[0] = 1
  for (let i = 0; i < leaves.length; i++) {
    leaf.set(leaves[i]!, 1)
    hashTo(leaf, level, 32 * i)
  }
  for (let width = leaves.length; width > 1; width = Math.ceil(width / 2)) {
    for (let i = 0; i + 1 < width; i += 2) {
      level.copy(node, 1, 32 * i, 32 * i + 64)
      hashTo(node, level, 16 * i)
    }
    if (width % 2 === 1) level.copyWithin(16 * (width - 1), 32 * (width - 1), 32 * width)
  }
  return new Uint8Array(level.subarray(0, 32))
}

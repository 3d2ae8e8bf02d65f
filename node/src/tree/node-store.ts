// Where the state tree's nodes, values and roots lie in the database. Whatever is read is checked against the hash that
// led to it, so that damage on the disk is an error and never a wrong answer.

import { concat, equals } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import type { Database, Entry } from '../storage/database.ts'
import { height64, index32, key, keySpace, readIndex32 } from '../storage/keys.ts'
import { newCache } from './cache.ts'
import {
  type Branch,
  type Child,
  decodeChild,
  decodeNode,
  type Leaf,
  type Node,
  nodeHash,
  pathBytes,
  pathText,
} from './node.ts'

/** The nodes on the way to a path: hexadecimal digits, from none at the root to 63. */
export type Path = string

export type NodeStore = {
  readonly root: (version: bigint) => Child
  readonly node: (branch: Branch, path: Path) => Node
  readonly value: (leaf: Leaf) => Entry
  /** Keeps nodes that were just written, since the next block will read them. */
  readonly keep: (nodes: ReadonlyMap<string, Node>) => void
}

/** What a decoded slot takes in V8's heap, roughly. */
const slotBytes = 300

export function nodeStore(database: Database, cacheBytesMax: number): NodeStore {
  const cache = newCache<Node>(cacheBytesMax, node => 200 + slotBytes * node.filter(Boolean).length)

  function root(version: bigint): Child {
    const found = database.get(rootKey(version))
    return found && found.length > 0 ? (decodeChild(found) ?? damaged()) : undefined
  }

  function node(branch: Branch, path: Path): Node {
    const at = nodeKey(branch.version, path)
    const name = pathText(at)
    const cached = cache.get(name)
    if (cached) return cached
    const found = database.get(at)
    const decoded = found && decodeNode(found)
    if (!decoded || !equals(nodeHash(decoded), branch.hash)) return damaged()
    cache.set(name, decoded)
    return decoded
  }

  function value(leaf: Leaf): Entry {
    const found = database.get(valueKey(leaf.path, leaf.version))
    if (!found || found.length < 4) return damaged()
    const keyLength = readIndex32(found)
    const entry = { key: found.slice(4, 4 + keyLength), value: found.slice(4 + keyLength) }
    if (pathText(sha256(entry.key)) !== leaf.path || !equals(sha256(entry.value), leaf.valueHash)) return damaged()
    return entry
  }

  function keep(nodes: ReadonlyMap<string, Node>): void {
    for (const [name, kept] of nodes) cache.set(name, kept)
  }

  return { root, node, value, keep }
}

function damaged(): never {
  throw new HomeError('home-corrupt', 'The state on this disk is damaged; restore it from a backup.')
}

export function nodeKey(version: bigint, path: Path): Uint8Array {
  const packed = pathBytes(path.length % 2 === 0 ? path : `${path}0`)
  return key(keySpace.treeNode, height64(version), Uint8Array.of(path.length), packed)
}

export function valueKey(path: Path, version: bigint): Uint8Array {
  return key(keySpace.treeValue, pathBytes(path), height64(version))
}

export function rootKey(version: bigint): Uint8Array {
  return key(keySpace.treeRoot, height64(version))
}

/** A value is kept with its key, since a proof of absence shows the neighbours' keys. */
export function encodeValue(entry: Entry): Uint8Array {
  return concat(index32(entry.key.length), entry.key, entry.value)
}

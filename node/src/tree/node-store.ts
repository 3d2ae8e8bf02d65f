// Where the state tree's nodes, values and roots lie in the database. Whatever is read is checked against the hash that
// led to it, so that damage on the disk is an error and never a wrong answer.

import { equals, type Hasher } from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import type { Database, Entry } from '../storage/database.ts'
import { height64, index32, key, keySpace, readIndex32 } from '../storage/keys.ts'
import { newNodeCache } from './cache.ts'
import { type Levels, newLevels } from './levels.ts'
import { asChild, branchHash, type Child, isNode, leafPath, leafValueHash, nodeBytesMax } from './node.ts'
import { newOutput, type Output } from './output.ts'

/** The node that a branch points to, and where in the tree it stands: at the first `depth` digits of the path of `leaf`. */
export type Place = { readonly branch: Uint8Array; readonly leaf: Uint8Array; readonly depth: number }

/** Nodes that are read by one call: enough for full batches of hashes. */
const placesPerRead = 256
const valueKeyBytes = 1 + 8 + 32

/** A node that was just written. */
export type KeptNode = Place & { readonly node: Uint8Array }

export type NodeStore = {
  readonly hasher: Hasher
  readonly levels: Levels
  readonly root: (version: bigint) => Child
  readonly node: (place: Place) => Uint8Array
  /** The same for many, which costs far less for each. */
  readonly nodes: (places: readonly Place[]) => Promise<readonly Uint8Array[]>
  readonly value: (leaf: Uint8Array) => Entry
  /** Keeps nodes that were just written, since the next block will read them. */
  readonly keep: (nodes: readonly KeptNode[]) => void
}

export type NodeStoreOptions = { readonly cacheBytesMax: number; readonly hasher: Hasher }

export function nodeStore(database: Database, { cacheBytesMax, hasher }: NodeStoreOptions): NodeStore {
  const cache = newNodeCache(cacheBytesMax)
  const levels = newLevels(hasher.hashNodes ?? nodeHasher.hashNodes!)

  function root(version: bigint): Child {
    const found = database.get(rootKey(version))
    return found && found.length > 0 ? (asChild(found) ?? damaged()) : undefined
  }

  function node(place: Place): Uint8Array {
    const cached = cache.get(place)
    if (cached) return cached
    const [read] = checked([place], [database.get(nodeKey(place, newOutput()))])
    return read!
  }

  async function nodes(places: readonly Place[]): Promise<readonly Uint8Array[]> {
    const found = places.map(cache.get)
    const missing = places.flatMap((_, i) => (found[i] ? [] : [i]))
    if (missing.length === 0) return found as readonly Uint8Array[]
    // The database reads several portions at once, in threads of its own, and those that are there are checked meanwhile.
    const portions = Array.from({ length: Math.ceil(missing.length / placesPerRead) }, (_, portion) =>
      missing.slice(portion * placesPerRead, (portion + 1) * placesPerRead),
    )
    await Promise.all(
      portions.map(async portion => {
        const wanted = portion.map(i => places[i]!)
        const output = newOutput()
        const read = checked(wanted, await database.getMany(wanted.map(place => nodeKey(place, output))))
        portion.forEach((i, place) => {
          found[i] = read[place]
        })
      }),
    )
    return found as readonly Uint8Array[]
  }

  /** What was read for each place, when it is what the branch names. */
  function checked(places: readonly Place[], read: readonly (Uint8Array | undefined)[]): readonly Uint8Array[] {
    const nodes = read.map(bytes => (bytes && bytes.length <= nodeBytesMax && isNode(bytes) ? bytes : damaged()))
    const hashes = levels.nodeHashes(nodes)
    places.forEach(({ branch }, i) => {
      if (!equals(hashes.subarray(32 * i, 32 * i + 32), branchHash(branch))) damaged()
      cache.set(places[i]!, nodes[i]!)
    })
    return nodes
  }

  function value(leaf: Uint8Array): Entry {
    const found = database.get(valueKey(leaf, newOutput()))
    if (!found || found.length < 4) return damaged()
    const keyLength = readIndex32(found)
    const entry = { key: found.slice(4, 4 + keyLength), value: found.slice(4 + keyLength) }
    const isWanted =
      equals(hasher.sha256(entry.key), leafPath(leaf)) && equals(hasher.sha256(entry.value), leafValueHash(leaf))
    return isWanted ? entry : damaged()
  }

  function keep(nodes: readonly KeptNode[]): void {
    for (const kept of nodes) cache.set(kept, kept.node)
  }

  return { hasher, levels, root, node, nodes, value, keep }
}

function damaged(): never {
  throw new HomeError('home-corrupt', 'The state on this disk is damaged; restore it from a backup.')
}

/** The branch's version, the depth, and the path, whose digits stand two in a byte: of an odd number the last half is zero. */
export function nodeKey({ branch, leaf, depth }: Place, output: Output): Uint8Array {
  const pathBytes = (depth + 1) >> 1
  const bytes = output.take(10 + pathBytes)
  bytes[0] = keySpace.treeNode
  for (let i = 0; i < 8; i++) bytes[1 + i] = branch[i]!
  bytes[9] = depth
  for (let i = 0; i < pathBytes; i++) bytes[10 + i] = leaf[8 + i]!
  if ((depth & 1) === 1) bytes[bytes.length - 1]! &= 0xf0
  return bytes
}

/** The leaf's version and path. */
export function valueKey(leaf: Uint8Array, output: Output): Uint8Array {
  const bytes = output.take(valueKeyBytes)
  bytes[0] = keySpace.treeValue
  for (let i = 0; i < valueKeyBytes - 1; i++) bytes[1 + i] = leaf[i]!
  return bytes
}

export function rootKey(version: bigint): Uint8Array {
  return key(keySpace.treeRoot, height64(version))
}

/** A value is kept with its key, since a proof of absence shows the neighbours' keys. */
export function encodeValue({ key: name, value }: Entry, output: Output): Uint8Array {
  const bytes = output.take(4 + name.length + value.length)
  bytes.set(index32(name.length))
  bytes.set(name, 4)
  bytes.set(value, 4 + name.length)
  return bytes
}

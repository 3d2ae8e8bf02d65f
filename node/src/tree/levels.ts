// The hashes inside stored nodes, by the rules of ics23.SmtSpec, of many nodes at once: the sixteen slots, then eight, four,
// two and one. One level of all nodes is one batch for the hasher.

import type { InnerOp } from '@muniment/sdk'
import type { HashNodes } from '../hasher.ts'
import { branchBytes, childOffset, leafBytes, leafMask, slotCount, usedMask } from './node.ts'

/** What a range of slots is: nothing, a single leaf (which stands for it unhashed), or more. */
const nothing = 0
const leaf = 1
const inner = 2

const hashBytes = 32
/** 16 + 8 + 4 + 2 + 1 ranges of a node: their hashes stand one after another, the node's own last. */
const rangeCount = 2 * slotCount - 1
const nodeLevelsBytes = rangeCount * hashBytes
/** Nodes that are hashed together: enough for full batches, and few enough to stay near the processor. */
const nodesAtOnce = 256
const jobsMax = nodesAtOnce * slotCount

export type Levels = {
  /** The hash of each node, joined. */
  readonly nodeHashes: (nodes: readonly Uint8Array[]) => Uint8Array
  /**
   * The steps from the leaf in a slot of each node up to the node's own hash, in the order of ICS-23: from below. The
   * nodes are those on a leaf's way, the deepest first.
   */
  readonly steps: (nodes: readonly Uint8Array[], slots: readonly number[]) => readonly InnerOp[]
}

/** Scratch memory for one caller, who asks for one thing after another. */
type Scratch = {
  readonly hashes: Uint8Array
  readonly words: Int32Array
  readonly kinds: Uint8Array
  readonly jobs: Uint8Array
  readonly jobWords: Int32Array
  readonly results: Uint8Array
  readonly resultWords: Int32Array
  /** For each job, which range its hash is of. */
  readonly targets: Int32Array
}

export function newLevels(hashNodes: HashNodes): Levels {
  const scratch = newScratch()

  function nodeHashes(nodes: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(nodes.length * hashBytes)
    for (let from = 0; from < nodes.length; from += nodesAtOnce) {
      const some = nodes.slice(from, from + nodesAtOnce)
      fill(scratch, some, hashNodes)
      for (let i = 0; i < some.length; i++) {
        const own = (i + 1) * nodeLevelsBytes - hashBytes
        hashes.set(scratch.hashes.subarray(own, own + hashBytes), (from + i) * hashBytes)
      }
    }
    return hashes
  }

  function steps(nodes: readonly Uint8Array[], slots: readonly number[]): readonly InnerOp[] {
    fill(scratch, nodes, hashNodes)
    return nodes.flatMap((_, i) => nodeSteps(scratch, i, slots[i]!))
  }

  return { nodeHashes, steps }
}

function newScratch(): Scratch {
  const hashes = new Uint8Array(nodesAtOnce * nodeLevelsBytes)
  const jobs = new Uint8Array(jobsMax * 2 * hashBytes)
  const results = new Uint8Array(jobsMax * hashBytes)
  return {
    hashes,
    words: new Int32Array(hashes.buffer),
    kinds: new Uint8Array(nodesAtOnce * rangeCount),
    jobs,
    jobWords: new Int32Array(jobs.buffer),
    results,
    resultWords: new Int32Array(results.buffer),
    targets: new Int32Array(jobsMax),
  }
}

/** Leaves the hashes and kinds of all ranges of the nodes in the scratch memory. */
function fill(scratch: Scratch, nodes: readonly Uint8Array[], hashNodes: HashNodes): void {
  hashJobs(scratch, { prefix: 0, count: fillSlots(scratch, nodes), hashNodes })
  let below = 0
  for (let width = slotCount / 2; width >= 1; width /= 2) {
    const at = below + 2 * width
    hashJobs(scratch, { prefix: 1, count: joinLevel(scratch, nodes.length, { below, at, width }), hashNodes })
    below = at
  }
}

/** Copies the hashes of branches; leaves become jobs. Answers their number. */
function fillSlots({ hashes, kinds, jobs, targets }: Scratch, nodes: readonly Uint8Array[]): number {
  let count = 0
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!
    const used = usedMask(node)
    const leaves = leafMask(node)
    let offset = childOffset(node, 0)
    for (let slot = 0; slot < slotCount; slot++) {
      const range = i * rangeCount + slot
      const to = range * hashBytes
      if (((used >>> slot) & 1) === 0) {
        kinds[range] = nothing
        for (let b = 0; b < hashBytes; b++) hashes[to + b] = 0
      } else if (((leaves >>> slot) & 1) === 1) {
        kinds[range] = leaf
        // A leaf's path and the hash of its value stand together.
        for (let b = 0; b < 2 * hashBytes; b++) jobs[count * 2 * hashBytes + b] = node[offset + 8 + b]!
        targets[count++] = range
        offset += leafBytes
      } else {
        kinds[range] = inner
        for (let b = 0; b < hashBytes; b++) hashes[to + b] = node[offset + 8 + b]!
        offset += branchBytes
      }
    }
  }
  return count
}

/** A level of so many ranges that begins at `at` of each node, out of the one that begins at `below`. */
type Level = { readonly below: number; readonly at: number; readonly width: number }

function joinLevel({ words, kinds, jobWords, targets }: Scratch, nodes: number, level: Level): number {
  let count = 0
  for (let i = 0; i < nodes; i++) {
    const base = i * rangeCount
    for (let place = 0; place < level.width; place++) {
      const left = base + level.below + 2 * place
      const range = base + level.at + place
      const [leftKind, rightKind] = [kinds[left]!, kinds[left + 1]!]
      if (leftKind + rightKind <= leaf) {
        // Nothing at all, or a single leaf: whichever of the two is more stands for both.
        kinds[range] = leftKind + rightKind
        copyWords({ words, from: (rightKind === leaf ? left + 1 : left) * 8 }, { words, to: range * 8 }, 8)
        continue
      }
      kinds[range] = inner
      copyWords({ words, from: left * 8 }, { words: jobWords, to: count * 16 }, 16)
      targets[count++] = range
    }
  }
  return count
}

function copyWords(
  source: { readonly words: Int32Array; readonly from: number },
  target: { readonly words: Int32Array; readonly to: number },
  count: number,
): void {
  for (let i = 0; i < count; i++) target.words[target.to + i] = source.words[source.from + i]!
}

type Jobs = { readonly prefix: 0 | 1; readonly count: number; readonly hashNodes: HashNodes }

function hashJobs(scratch: Scratch, { prefix, count, hashNodes }: Jobs): void {
  const { words, jobs, results, resultWords, targets } = scratch
  hashNodes(prefix, jobs.subarray(0, count * 2 * hashBytes), results.subarray(0, count * hashBytes))
  for (let i = 0; i < count; i++) {
    copyWords({ words: resultWords, from: i * 8 }, { words, to: targets[i]! * 8 }, 8)
  }
}

function nodeSteps({ hashes, kinds }: Scratch, node: number, slot: number): readonly InnerOp[] {
  const steps: InnerOp[] = []
  let at = node * rangeCount
  let place = slot
  for (let width = slotCount; width > 1; width /= 2) {
    const parent = at + width + (place >> 1)
    // Where the range above is a single leaf too, there is no step yet.
    if (kinds[parent] === inner) {
      const sibling = (at + (place ^ 1)) * hashBytes
      steps.push(innerStep(hashes.slice(sibling, sibling + hashBytes), (place & 1) === 1))
    }
    at += width
    place >>= 1
  }
  return steps
}

/** InnerOp of ics23.SmtSpec: the sibling stands in the prefix when it is on the left, else in the suffix. */
function innerStep(sibling: Uint8Array, isRight: boolean): InnerOp {
  if (!isRight) return { hash: 1, prefix: Uint8Array.of(1), suffix: sibling }
  const prefix = new Uint8Array(1 + hashBytes)
  prefix[0] = 1
  prefix.set(sibling, 1)
  return { hash: 1, prefix, suffix: new Uint8Array(0) }
}

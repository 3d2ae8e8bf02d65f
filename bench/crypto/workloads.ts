// The work of `npm run bench -- crypto` that consists of signatures: who signed how much, and which of it a call gets.

import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import type { SignatureCall } from './contender.ts'

/** From the first index to the one after the last. */
type Range = readonly [number, number]

export type SignatureWorkload = {
  readonly name: string
  /** An alternation's signatures: a commit for each of so many headers, by so many validators. */
  readonly headers: number
  readonly validators: number
  /** Whether each alternation has other validators. The rest have the same ones throughout: what is cached of a key helps. */
  readonly newKeys: boolean
  /** Of which signatures the batch of a call consists: one range for all three calls, or one for each. */
  readonly batches: readonly Range[]
  /** Whether a batch is checked in as many calls as it has signatures: one at a time is then what is measured. */
  readonly oneByOne: boolean
}

/** What those that check one after the other are timed on: the first so many signatures. */
const singles = 2_000

export const signatureWorkloads: readonly SignatureWorkload[] = [
  {
    name: 'chain-1000x100',
    headers: 1_000,
    validators: 100,
    newKeys: false,
    batches: [[0, 100_000]],
    oneByOne: false,
  },
  { name: 'commit-150-cached', headers: 14, validators: 150, newKeys: false, batches: [[0, 150]], oneByOne: false },
  {
    name: 'commit-150-new',
    headers: 1,
    validators: singles + 450,
    newKeys: true,
    batches: newBatches(150),
    oneByOne: false,
  },
  { name: 'single-cached', headers: singles, validators: 1, newKeys: false, batches: [[0, singles]], oneByOne: true },
  {
    name: 'single-new',
    headers: 1,
    validators: singles + 600,
    newKeys: true,
    batches: newBatches(200),
    oneByOne: true,
  },
]

/** Three batches of `size`, none of whose keys was in another or in the sample. */
function newBatches(size: number): readonly Range[] {
  return [0, 1, 2].map(call => [singles + call * size, singles + (call + 1) * size])
}

/** What a workload gives to the calls of an alternation, of which `items` are the signatures. */
export function callsOf(workload: SignatureWorkload, items: readonly SignedMessage[]): readonly SignatureCall[] {
  const sample = items.slice(0, singles)
  return workload.batches.map(([start, end]) => ({ batch: items.slice(start, end), singles: sample }))
}

// What became of each provider on the way to a verified block, told by labels.

import type { LightProvider } from '../provider.ts'
import type { Detected, Peer } from './detect.ts'

export type Heard = {
  /** Labels of the providers that have the same block; the first is the one that it was verified from. */
  readonly agreed: readonly string[]
  /** Of those that gave no answer in time, or have not come so far. */
  readonly silent: readonly string[]
  /** Of those that gave another block and could not prove it, or anything else that was refused on the way to this one. */
  readonly refuted: readonly string[]
}

type Named = Pick<LightProvider, 'label'>

/** Of a block for which nobody was asked. */
export const unheard: Heard = { agreed: [], silent: [], refuted: [] }

export function labelOf({ label }: Named): string {
  return label ?? 'a peer'
}

/** The block came from a provider. Whoever was refused on the way to it counts for nothing else. */
export function heardOf(
  from: Named,
  { refused, others }: { readonly refused: readonly Named[]; readonly others?: Detected },
): Heard {
  const before = refused.map(labelOf).filter(label => label !== labelOf(from))
  const labels = (peers: readonly Peer[] = []): readonly string[] =>
    peers.map(labelOf).filter(label => !before.includes(label))
  const agreed = [labelOf(from), ...labels(others?.agreed)]
  return { agreed, silent: labels(others?.silent), refuted: [...before, ...labels(others?.refuted)] }
}

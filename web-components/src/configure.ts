// What a release compiles in. It is set by the page's own bundled code and by nothing that comes over the network
// (security rule 4).

import type { Json, TrustRoot } from '@muniment/sdk'

/** The root as `formatTrustRoot` writes it, which is read when the network is first needed; or read already. */
export type CompiledRoot = TrustRoot | Json

let compiled: CompiledRoot | undefined
const waiting = new Set<(root: CompiledRoot) => void>()

/** Call once, from the bundle in which the root is compiled. A second call with another root throws. */
export function configure({ root }: { readonly root: CompiledRoot }): void {
  if (compiled !== undefined && textOf(compiled) !== textOf(root))
    throw new Error('the trust root is already configured')
  compiled = root
  for (const resolve of waiting) resolve(root)
  waiting.clear()
}

/** The configured root, as soon as there is one. */
export function configuredRoot(): Promise<CompiledRoot> {
  return compiled === undefined ? new Promise(resolve => waiting.add(resolve)) : Promise.resolve(compiled)
}

/** Two bundles of one page may hold the same root. */
function textOf(root: CompiledRoot): string {
  return JSON.stringify(root, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

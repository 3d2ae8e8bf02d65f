// What a release compiles in. It is set by the page's own bundled code and by nothing that comes over the network
// (security rule 4).

import type { TrustRoot } from '@muniment/sdk'

let compiled: TrustRoot | undefined
const waiting = new Set<(root: TrustRoot) => void>()

/** Call once, from the bundle in which the root is compiled. A second call with another root throws. */
export function configure({ root }: { readonly root: TrustRoot }): void {
  if (compiled && compiled !== root) throw new Error('the trust root is already configured')
  compiled = root
  for (const resolve of waiting) resolve(root)
  waiting.clear()
}

/** The configured root, as soon as there is one. */
export function configuredRoot(): Promise<TrustRoot> {
  return compiled ? Promise.resolve(compiled) : new Promise(resolve => waiting.add(resolve))
}

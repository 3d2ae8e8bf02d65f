// verify.js and sign.js of an embed kit, but for what `muniment embed` writes in place of the name below. They load the elements
// that their name says; the trust root and every file's hash stand in them (security rules 4 and 5).

import type { Json } from '@muniment/sdk'
import type { configure } from '../configure.ts'
import { createPinnedLoader, type PinnedFolder, type PinnedLoader } from './pins.ts'

type Part = 'verify' | 'sign'

type Plan = {
  readonly part: Part
  readonly version: string
  /** As `formatTrustRoot` writes it. */
  readonly root: Json
  /** The files that hold the elements. */
  readonly parts: Readonly<Record<Part, string>>
} & Omit<PinnedFolder, 'base'>

/** Of a page's bundles the first serves all their elements: an element is defined once, and a policy's name is taken once. */
type Bundle = {
  readonly version: string
  readonly root: Json
  readonly open: (part: Part) => Promise<void>
  /** Files of a bundle load further ones by this. */
  readonly load: PinnedLoader['load']
}

declare const __MUNIMENT_PLAN__: Plan

const place = Symbol.for('muniment.bundle')
type Page = { [place]?: Bundle }

start(__MUNIMENT_PLAN__)

function start(plan: Plan): void {
  const page = globalThis as Page
  const first = page[place]
  const bundle = first ?? bundleOf(plan)
  // Nothing that runs later takes its place.
  if (!first) Object.defineProperty(page, place, { value: bundle })
  const isOther = JSON.stringify(bundle.root) !== JSON.stringify(plan.root)
  if (isOther)
    console.error(`Muniment ${plan.version}: the page has a bundle with another trust root; that one is used.`)
  bundle.open(plan.part).catch(reportError)
}

function bundleOf({ version, root, parts, files, rest }: Plan): Bundle {
  const loader = createPinnedLoader({ files, rest, base: new URL('.', String(import.meta.url)).href })
  const { load } = loader
  return {
    version,
    root,
    load,
    async open(part) {
      fetchSoon(loader, rest).catch(() => undefined)
      const elements = (await load(parts[part])) as { readonly configure: typeof configure }
      elements.configure({ root })
    },
  }
}

type Soon = {
  readonly network: string
  readonly wasm: readonly string[]
  readonly engines: { readonly relaxed: string; readonly plain: string }
  /** Base64 of a small module that only some browsers compile. */
  readonly probe: string
}

/** A check asks for its parts one after another, which on a poor line is a second each: here they come side by side. */
async function fetchSoon({ load, fetch }: PinnedLoader, rest: string): Promise<void> {
  const { soon } = (await load(rest)) as { readonly soon: Soon }
  const { network, wasm, engines, probe } = soon
  const isRelaxed = globalThis.WebAssembly?.validate(Uint8Array.from(atob(probe), letter => letter.charCodeAt(0)))
  const withWasm = document.querySelector('muniment-network[no-wasm]') === null && isRelaxed !== undefined
  const files = withWasm ? [network, ...wasm, isRelaxed ? engines.relaxed : engines.plain] : [network]
  await Promise.all(files.map(fetch))
}

// verify.js and sign.js of an embed kit, but for what `muniment embed` writes in place of the name below. They load the elements
// that their name says; the trust root and every file's hash stand in them (security rules 4 and 5).

import type { Json } from '@muniment/sdk'
import type { configure } from '../configure.ts'
import { type Early, place } from '../network/bundle.ts'
import { askEarly } from './early.ts'
import { createPinnedLoader, type PinnedFolder, type PinnedLoader } from './pins.ts'

type Part = 'verify' | 'sign'

/** What a check will need. */
type Soon = {
  readonly check: readonly string[]
  readonly engines: { readonly relaxed: string; readonly plain: string }
  /** Base64 of a small module that only some browsers compile: they take the relaxed engine. */
  readonly probe: string
  /** WebRTC, where a network names no server that answers without it. */
  readonly peers: string
}

type Plan = {
  readonly part: Part
  readonly version: string
  /** As `formatTrustRoot` writes it. */
  readonly root: Json
  /** The files that hold the elements. */
  readonly parts: Readonly<Record<Part, string>>
  readonly soon: Soon
} & Omit<PinnedFolder, 'base'>

/** Of a page's bundles the first serves all their elements: an element is defined once, and a policy's name is taken once. */
type Bundle = {
  readonly version: string
  readonly root: Json
  readonly open: (part: Part) => Promise<void>
  /** Files of a bundle load further ones by this. */
  readonly load: PinnedLoader['load']
  early: Early | undefined
}

declare const __MUNIMENT_PLAN__: Plan

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

function bundleOf({ version, root, parts, files, rest, soon }: Plan): Bundle {
  const loader = createPinnedLoader({ files, rest, base: new URL('.', String(import.meta.url)).href })
  const { load } = loader
  // Small, and all else follows from it: before what is large.
  const early = askEarly(() => loader.fetch(soon.peers))
  fetchSoon(loader, soon).catch(() => undefined)
  // Words of another language are wanted before anything is shown.
  if (!/^en\b/.test(document.documentElement.lang || navigator.language)) load(rest).catch(() => undefined)
  return {
    version,
    root,
    load,
    early,
    async open(part) {
      const elements = (await load(parts[part])) as { readonly configure: typeof configure }
      elements.configure({ root })
    },
  }
}

/** A check asks for its parts one after another, which on a poor line is a second each: here they come side by side. */
async function fetchSoon({ fetch }: PinnedLoader, { check, engines, probe }: Soon): Promise<void> {
  const isRelaxed = globalThis.WebAssembly?.validate(Uint8Array.from(atob(probe), letter => letter.charCodeAt(0)))
  const withWasm = document.querySelector('muniment-network[no-wasm]') === null && isRelaxed !== undefined
  const engine = withWasm ? [isRelaxed ? engines.relaxed : engines.plain] : []
  await Promise.all([...engine, ...check].map(fetch))
}

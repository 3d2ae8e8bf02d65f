// The embed kit: what a ministry's server serves so that its pages check records. Files of the release, and beside them the few
// that are made for one network. The same inputs give the same bytes.

import { createHash } from 'node:crypto'
import { formatNetwork, formatTrustRoot, type Json, type Network, type TrustRoot } from '@muniment/sdk'
import { singleHtml } from './single.ts'
import { exampleHtml, headersText, type Pinned, readmeText } from './texts.ts'

/** What the release brings, `dist/kit` of this package. */
export type Release = {
  readonly version: string
  /** The script with a name in it that the plan replaces. */
  readonly start: string
  /** The service worker, likewise. */
  readonly offline: string
  /** The script of the single file, likewise, and the notices of what is inside. */
  readonly single: { readonly script: string; readonly licenses: string }
  /** Which files hold the elements. */
  readonly parts: Readonly<Record<Part, string>>
  /** What a check will need, as web-components' embed/start.ts reads it. */
  readonly soon: Soon
  /** Each file, and the files that it imports at once. */
  readonly imports: Readonly<Record<string, readonly string[]>>
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Of its members only this one is looked at here. */
type Soon = {
  readonly check: readonly string[]
  readonly engines: Readonly<Record<string, string>>
  readonly peers: string
} & { readonly [member: string]: Json }

const parts = ['verify', 'sign'] as const
type Part = (typeof parts)[number]

export type KitOptions = {
  readonly root: TrustRoot
  readonly network: Network
  /** The address of the page that checks a link, as `muniment-sign` hands it out. */
  readonly verifyPage: string
}

const placeholder = '__MUNIMENT_PLAN__'
const encoder = new TextEncoder()

/** Names and bytes, in the order of their names; the last made is `sri.json`, which names all others. */
export function makeKit(release: Release, options: KitOptions): ReadonlyMap<string, Uint8Array> {
  const pins = pinsOf(release)
  const rest = pinsFileOf(pins)
  const { root } = options
  const scripts = new Map(
    parts.map(part => [`${part}.js`, encoder.encode(scriptOf(release, { part, root, pins, rest }))]),
  )
  const integrity = Object.fromEntries([...scripts].map(([name, bytes]) => [name, integrityOf(bytes)]))
  const network = formatNetwork(options.network)
  const texts: Readonly<Record<string, string>> = {
    'network.json': `${JSON.stringify(network, null, 2)}\n`,
    'example.html': exampleHtml(
      { name: 'verify.js', integrity: integrity['verify.js']! },
      { early: earlyOf(release, pins), network: options.network },
    ),
    'verifier.html': singleHtml({ ...release.single, script: singleScriptOf(release, options) }),
    'headers.txt': headersText(options.network),
    'README.md': readmeText({ ...options, version: release.version, integrity }),
  }
  const made = Object.entries(texts).map(([name, text]): [string, Uint8Array] => [name, encoder.encode(text)])
  const modules = [...release.files, [rest.name, rest.bytes] as const, ...scripts]
  const served = modules.filter(([name]) => name.endsWith('.js'))
  const offline: [string, Uint8Array] = ['offline.js', encoder.encode(offlineScriptOf(release, served))]
  const files = new Map(sorted([...modules, ...made, offline]))
  const sri = { version: release.version, files: Object.fromEntries([...files].map(([n, b]) => [n, integrityOf(b)])) }
  return files.set('sri.json', encoder.encode(`${JSON.stringify(sri, null, 2)}\n`))
}

/** A file's hash, and the files that it imports at once: as web-components' embed/pins.ts reads it. */
type Pin = readonly [integrity: string, ...imports: readonly string[]]
type Pins = Readonly<Record<string, Pin>>

function pinsOf({ imports, files }: Release): Pins {
  const pins = Object.entries(imports).map(([file, needed]): [string, Pin] => {
    const bytes = files.get(file)
    if (bytes === undefined) throw new Error(`the release lacks ${file}`)
    return [file, [integrityOf(bytes), ...needed]]
  })
  return Object.fromEntries(sorted(pins))
}

/** The elements: what a check loads is asked for by the script, on the page's first connection, before another one is there. */
function earlyOf({ parts: elements }: Release, pins: Pins): readonly Pinned[] {
  return [...closureOf(pins, elements.verify)].map(name => ({ name, integrity: pins[name]![0] }))
}

/** The pins of what a page needs only later: a file of their own, which the scripts pin. */
function pinsFileOf(pins: Pins): { readonly name: string; readonly bytes: Uint8Array } {
  const bytes = encoder.encode(`export const files=${JSON.stringify(pins)}\n`)
  return { name: `pins-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.js`, bytes }
}

type ScriptFacts = {
  readonly part: Part
  readonly root: TrustRoot
  readonly pins: Pins
  readonly rest: ReturnType<typeof pinsFileOf>
}

/** Trust root and hashes are compiled in (security rules 4 and 5). */
function scriptOf({ version, start, parts: elements, soon }: Release, facts: ScriptFacts): string {
  const { part, root, pins, rest } = facts
  const names = closureOf(pins, elements[part])
  for (const each of [...soon.check, ...Object.values(soon.engines), soon.peers]) closureOf(pins, each, names)
  const first = [...names].sort().map((file): [string, Pin] => [file, pins[file]!])
  const files: Pins = Object.fromEntries([...first, [rest.name, [integrityOf(rest.bytes)]]])
  return filledIn(start, { part, version, root: formatTrustRoot(root), parts: elements, files, rest: rest.name, soon })
}

/** The file and what it imports, and what that imports. */
function closureOf(pins: Pins, file: string, found: Set<string> = new Set()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  const [, ...imports] = pins[file] ?? ['']
  for (const each of imports) closureOf(pins, each, found)
  return found
}

/** It keeps what pages load, each file by its hash; with other files it is another worker. */
function offlineScriptOf({ offline }: Release, served: readonly (readonly [string, Uint8Array])[]): string {
  const files = Object.fromEntries(sorted(served.map(([name, bytes]): [string, string] => [name, integrityOf(bytes)])))
  return filledIn(offline, { id: integrityOf(encoder.encode(JSON.stringify(files))), files })
}

/** It knows the root and the checkpoint, and nobody whom it could ask. */
function singleScriptOf({ version, single }: Release, { root, network }: KitOptions): string {
  const plan = { version, root: formatTrustRoot(root), network: formatNetwork({ ...network, peers: [], rpc: [] }) }
  return filledIn(single.script, plan)
}

/** JSON is an expression of JavaScript (ECMA-262, 2019); inside a page nothing in it may look like a tag. */
function filledIn(script: string, plan: Json): string {
  // A function, because a replacing text would give `$` a meaning.
  return script.replace(placeholder, () => JSON.stringify(plan).replaceAll('<', '\\u003c'))
}

/** As `integrity` takes it (Subresource Integrity, 3.1). */
function integrityOf(bytes: Uint8Array): string {
  return `sha384-${createHash('sha384').update(bytes).digest('base64')}`
}

function sorted<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1))
}

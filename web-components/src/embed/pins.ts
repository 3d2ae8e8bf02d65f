// A bundle's files by their hashes. The script tag's `integrity` pins the script that holds these; the script pins every file
// that it loads, before that runs (security rule 5).

import { pauseUntilOnline } from '../signals.ts'

/** A file's `sha384-…` (Subresource Integrity, 3.1), and the files that it imports at once. */
type PinnedFile = readonly [integrity: string, ...imports: readonly string[]]
type PinnedFiles = Readonly<Record<string, PinnedFile>>

/** A file that is not the one that the bundle was made with, or that did not come. */
class PinError extends Error {
  override readonly name = 'PinError'
}

export type PinnedLoader = {
  /** Imports a file once it and all that it imports were fetched and found to be the right ones. Rejects with PinError. */
  readonly load: (file: string) => Promise<unknown>
  /** Only fetches and compares. */
  readonly fetch: (file: string) => Promise<void>
}

export type PinnedFolder = {
  /** Those that are needed at once, and the one that holds the pins of all. */
  readonly files: PinnedFiles
  readonly rest: string
  /** The address of the folder, ends with a slash. */
  readonly base: string
}

export function createPinnedLoader({ files: first, rest, base }: PinnedFolder): PinnedLoader {
  const checked = new Map<string, Promise<void>>()
  let files = first

  function checkFile(file: string): Promise<void> {
    const known = checked.get(file)
    if (known) return known
    const address = new URL(file, base).href
    const integrity = Object.hasOwn(files, file) ? files[file]![0] : undefined
    if (integrity === undefined) return Promise.reject(new PinError(`${file} is no file of this bundle.`))
    const check = fetchAtLast(address, integrity).catch(() => {
      // What was wrong is asked for again with the next call.
      checked.delete(file)
      throw new PinError(`${file} could not be loaded, or is not the file that this bundle was made with.`)
    })
    checked.set(file, check)
    return check
  }

  async function fetchAll(file: string): Promise<void> {
    if (!Object.hasOwn(files, file))
      files = { ...((await load(rest)) as { readonly files: PinnedFiles }).files, ...first }
    await Promise.all([...closureOf(files, file)].map(checkFile))
  }

  async function load(file: string): Promise<unknown> {
    await fetchAll(file)
    return import(/* @vite-ignore */ new URL(file, base).href)
  }

  return { load, fetch: fetchAll }
}

/** The file and what it imports, and what that imports. */
function closureOf(files: PinnedFiles, file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  const [, ...imports] = files[file] ?? ['']
  for (const each of imports) closureOf(files, each, found)
  return found
}

/** Seconds between attempts where a line was cut; together about a minute. */
const pausesSeconds = [1, 2, 3, 4, 5, 5, 10, 10, 20] as const

/** As below, again and again where a connection broke. A file that comes, and twice is another one, is given up. */
async function fetchAtLast(address: string, integrity: string): Promise<void> {
  let refused = 0
  for (const seconds of pausesSeconds) {
    try {
      return await fetchChecked(address, integrity)
    } catch (error) {
      if (await isReachable(address)) refused++
      else await pauseUntilOnline(seconds * 1_000)
      if (refused < 2) continue
      if (!(await mayBeginAgain(address, integrity))) throw error
      location.reload()
      return new Promise(() => undefined)
    }
  }
  return fetchChecked(address, integrity)
}

/** A browser does not say why a module could not be had. */
function isReachable(address: string): Promise<boolean> {
  return fetch(address, { method: 'HEAD', credentials: 'same-origin', cache: 'no-store' }).then(
    () => true,
    () => false,
  )
}

let isTouched = false
for (const type of ['pointerdown', 'keydown'])
  globalThis.addEventListener?.(
    type,
    () => {
      isTouched = true
    },
    { capture: true, passive: true },
  )

/**
 * Some browsers (Chromium 153 is one) remember for as long as a page lives that a module could not be had, and never ask again. Where the
 * file is the right one and nobody has touched the page, which was opened to check a link, loading it anew loses nothing. Once.
 */
async function mayBeginAgain(address: string, integrity: string): Promise<boolean> {
  const [visit] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (isTouched || location.hash.length < 2 || visit?.type === 'reload') return false
  return fetch(address, { integrity, credentials: 'same-origin' }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/**
 * The browser fetches the module once, compares it, and keeps it in the map of modules from which `import` takes it: what runs
 * is what was compared (HTML, "fetch a modulepreload module script graph"). A browser that knows no modulepreload (before 2023)
 * fetches it twice, and only a file that is always wrong is found out.
 */
function fetchChecked(address: string, integrity: string): Promise<void> {
  const link = document.createElement('link')
  if (!link.relList.supports('modulepreload')) {
    return fetch(address, { integrity, credentials: 'same-origin' }).then(answer => {
      if (!answer.ok) throw new PinError(address)
    })
  }
  return new Promise((resolve, reject) => {
    link.addEventListener('load', () => resolve())
    link.addEventListener('error', () => reject(new PinError(address)))
    link.rel = 'modulepreload'
    link.crossOrigin = 'anonymous'
    link.integrity = integrity
    link.href = address
    document.head.append(link)
  })
}

// The service worker of `<muniment-network offline="offline.js">`: a page seen once opens with every server dead. Files of the
// release are kept by their hashes; pages, their styles and network.json as they came last. Nothing is imported here: the text is
// the file, but for the name below, in whose place the plan is written.

type Plan = {
  /** Another one for other files. */
  readonly id: string
  /** Relative to this script, and `sha384-…`. */
  readonly files: Readonly<Record<string, string>>
}

declare const __MUNIMENT_PLAN__: Plan
const plan: Plan = __MUNIMENT_PLAN__

type Extendable = Event & { readonly waitUntil: (work: Promise<unknown>) => void }
type Asked = Extendable & { readonly request: Request; readonly respondWith: (answer: Promise<Response>) => void }
type Told = Extendable & { readonly data: unknown }
type Worker = {
  readonly addEventListener: ((type: 'install' | 'activate', listener: (event: Extendable) => void) => void) &
    ((type: 'fetch', listener: (event: Asked) => void) => void) &
    ((type: 'message', listener: (event: Told) => void) => void)
  readonly clients: { readonly claim: () => Promise<void> }
  readonly skipWaiting: () => Promise<void>
  readonly location: Location
}

const worker = globalThis as unknown as Worker
const base = new URL('.', worker.location.href)
const filesName = `muniment/files/${plan.id}`
const pagesName = 'muniment/pages'
/** The oldest gives way. */
const pagesMax = 64
const patienceMs = 4_000

const pinned = new Map(Object.entries(plan.files).map(([path, integrity]) => [new URL(path, base).href, integrity]))
const ownParts: readonly string[] = ['document', 'style', 'script', 'image', 'font', 'manifest']

worker.addEventListener('install', event => event.waitUntil(keepFiles().then(() => worker.skipWaiting())))
worker.addEventListener('activate', event => event.waitUntil(dropOlder().then(() => worker.clients.claim())))
worker.addEventListener('message', event => {
  const { muniment, addresses } = (event.data ?? {}) as { readonly muniment?: unknown; readonly addresses?: unknown }
  if (muniment === 'keep' && Array.isArray(addresses))
    event.waitUntil(keepPages(addresses.slice(0, pagesMax).map(String)))
})
worker.addEventListener('fetch', event => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== worker.location.origin) return
  const bare = address.href.replace(/[?#].*/, '')
  if (pinned.has(bare)) event.respondWith(keptFile(request, bare))
  else if (isOwnPart(request, address)) event.respondWith(newest(request))
})

function isOwnPart({ mode, destination }: Request, { pathname }: URL): boolean {
  return mode === 'navigate' || ownParts.includes(destination) || pathname.endsWith('/network.json')
}

/** All or none: a file that is not the one of the release ends the installation. */
async function keepFiles(): Promise<void> {
  const cache = await caches.open(filesName)
  await Promise.all([...pinned].map(([address, integrity]) => keepFile(cache, address, integrity)))
}

async function keepFile(cache: Cache, address: string, integrity: string): Promise<void> {
  if (await cache.match(address)) return
  const answer = await fetch(address, { integrity, cache: 'no-cache', credentials: 'same-origin' })
  if (!answer.ok) throw new TypeError(`${address} was not served`)
  await cache.put(address, answer)
}

async function dropOlder(): Promise<void> {
  const names = await caches.keys()
  const older = names.filter(name => name.startsWith('muniment/files/') && name !== filesName)
  await Promise.all(older.map(name => caches.delete(name)))
}

async function keptFile(request: Request, bare: string): Promise<Response> {
  const kept = await (await caches.open(filesName)).match(bare)
  return kept ?? fetch(request)
}

/** What the server answers; where it is silent or dead, what it answered last. */
async function newest(request: Request): Promise<Response> {
  const asked = fetch(request).then(async answer => {
    if (answer.ok && answer.type === 'basic') await keepPage(request.url, answer.clone())
    return answer
  })
  asked.catch(() => undefined)
  const late = new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), patienceMs))
  const answer = await Promise.race([asked.catch(() => undefined), late])
  // A server that says "failed" has not answered the question.
  if (answer && answer.status < 500) return answer
  return (await (await caches.open(pagesName)).match(request.url, { ignoreSearch: true })) ?? answer ?? asked
}

async function keepPage(address: string, answer: Response): Promise<void> {
  const cache = await caches.open(pagesName)
  await cache.put(address.replace(/[?#].*/, ''), answer)
  const keys = await cache.keys()
  await Promise.all(keys.slice(0, Math.max(0, keys.length - pagesMax)).map(key => cache.delete(key)))
}

/** What a page is made of that was loaded before there was a worker. */
async function keepPages(addresses: readonly string[]): Promise<void> {
  const own = addresses.filter(address => isOwn(address) && !pinned.has(address))
  await Promise.all(
    own.map(async address => {
      const answer = await fetch(address, { credentials: 'same-origin' }).catch(() => undefined)
      if (answer?.ok && answer.type === 'basic') await keepPage(address, answer)
    }),
  )
}

function isOwn(address: string): boolean {
  try {
    return new URL(address).origin === worker.location.origin
  } catch {
    return false
  }
}

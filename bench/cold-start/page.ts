// The part of the bench that runs in a page: one cold start, taken apart. Node, store and crypto are wrapped, and each part is
// at work while at least one of its calls is.

import {
  type Crypto,
  createClient,
  createNodeProvider,
  type Json,
  loadCrypto,
  openIndexedDbStore,
  type Provider,
  parseNetwork,
  parseTrustRoot,
} from '../../sdk/src/index.ts'
import { createPeers } from '../../sdk/src/p2p/index.ts'
import type { Given } from './network.ts'

export type ColdStart = {
  readonly given: Given
  readonly transport: 'http' | 'webrtc'
  /** A URL, or a peer's address. */
  readonly address: string
  /** What each question waits before it is sent: a path so long that answers of one round trip come together. */
  readonly latencyMs: number
}

/** Milliseconds. Parts may be at work at the same time, so they need not add up. */
export type ColdStartFigures = {
  readonly code: string
  /** Questions to the node, and how many times one of them waited for the answer to another, and once more. */
  readonly questions: number
  readonly roundTrips: number
  /** From the page's beginning until its script runs. */
  readonly script: number
  readonly loadCrypto: number
  readonly dial: number
  /** While a question was on its way, after the dial. */
  readonly network: number
  readonly crypto: number
  readonly storage: number
  /** From the page's beginning to the verdict, and from the script's. */
  readonly total: number
  readonly check: number
}

declare global {
  interface Window {
    munimentColdStart: (start: ColdStart) => Promise<ColdStartFigures>
  }
}

/** How long at least one call was running. */
function createStopwatch() {
  let running = 0
  let since = 0
  let total = 0
  const begin = (): void => {
    if (running++ === 0) since = performance.now()
  }
  const end = (): void => {
    if (--running === 0) total += performance.now() - since
  }
  return {
    milliseconds: () => total,
    time<T>(run: () => T): T {
      begin()
      let isAsync = false
      try {
        const result = run()
        if (result instanceof Promise) {
          isAsync = true
          result.then(end, end)
        }
        return result
      } finally {
        if (!isAsync) end()
      }
    },
  }
}

type Stopwatch = ReturnType<typeof createStopwatch>

/** The same functions, timed; what is none stays. */
function timed<T extends object>(target: T, watch: Stopwatch): T {
  const entries = Object.entries(target).map(([name, member]) => [
    name,
    typeof member === 'function'
      ? (...args: readonly unknown[]) => watch.time(() => member.apply(target, args))
      : member,
  ])
  return Object.fromEntries(entries) as T
}

/** Counts how deep the questions stand on each other's answers. */
function countingTrips(
  provider: Provider,
  latencyMs: number,
): { readonly provider: Provider; readonly counts: () => Counts } {
  const counts = { questions: 0, roundTrips: 0 }
  let answered = 0
  const asking =
    (name: string, ask: (...args: never[]) => unknown) =>
    async (...args: never[]): Promise<unknown> => {
      const trip = answered + 1
      counts.questions++
      counts.roundTrips = Math.max(counts.roundTrips, trip)
      asked.push(`${trip} ${name}`)
      try {
        if (latencyMs > 0) await new Promise(resolve => setTimeout(resolve, latencyMs))
        return await ask(...args)
      } finally {
        answered = Math.max(answered, trip)
      }
    }
  const asked: string[] = []
  const wrapped = Object.entries(provider).map(([name, member]) => [
    name,
    typeof member === 'function' && name !== 'close' ? asking(name, member) : member,
  ])
  return { provider: Object.fromEntries(wrapped) as Provider, counts: () => ({ ...counts, asked }) }
}

type Counts = { readonly questions: number; readonly roundTrips: number; readonly asked: readonly string[] }

const scriptBegan = performance.now()

window.munimentColdStart = async ({ given, transport, address, latencyMs }) => {
  const began = performance.now()
  const [network, crypto, storage] = [createStopwatch(), createStopwatch(), createStopwatch()]
  const engine: Crypto = await loadCrypto()
  const loadCryptoMs = performance.now() - began
  const store = await storage.time(() => openIndexedDbStore())
  let dialMs = 0
  let counts = (): Counts => ({ questions: 0, roundTrips: 0, asked: [] })
  async function connect(): Promise<Provider> {
    const dialled = performance.now()
    const provider = transport === 'http' ? createNodeProvider(address) : await (await createPeers()).connect(address)
    dialMs = performance.now() - dialled
    const counting = countingTrips(timed(provider, network), latencyMs)
    counts = counting.counts
    return counting.provider
  }
  const client = await createClient({
    root: parseTrustRoot(given.root as Json),
    network: { ...parseNetwork(given.network as Json), peers: ['/the-one'], rpc: [] },
    crypto: timed(engine, crypto),
    store: timed(store, storage),
    peers: async () => ({ connect, close: async () => undefined }),
  })
  const { code, evidence } = await client.verifyRecord(given.link)
  const ended = performance.now()
  const { questions, roundTrips, asked } = counts()
  if (code !== 'current') throw new Error(`the verdict is ${code}: ${evidence}`)
  console.log(asked.join(', '))
  return {
    code,
    questions,
    roundTrips,
    script: scriptBegan,
    loadCrypto: loadCryptoMs,
    dial: dialMs,
    network: network.milliseconds(),
    crypto: crypto.milliseconds(),
    storage: storage.milliseconds(),
    total: scriptBegan + ended - began,
    check: ended - began,
  }
}

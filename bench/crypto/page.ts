// The part of the bench that runs in a page: the same work beside the browser's own WebCrypto, and two workers beside one.

import { formatHex } from '../../sdk/src/bytes.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { createWorkerCrypto } from '../../sdk/src/crypto/worker-crypto.ts'
import { type Contender, expectGood, type SignatureCall, secondsEach, type Times } from './contender.ts'
import { openEngine, openOurs, ours } from './engine.ts'
import { createLane, type Lane, noble } from './lane.ts'
import { unpackItems } from './wire.ts'
import type { SignatureWorkload } from './workloads.ts'

/** What the bench asks of its page; signatures are fetched from where the page came from. */
type BenchPage = {
  readonly open: (workload: SignatureWorkload) => Promise<void>
  readonly check: () => Promise<void>
  readonly measure: () => Promise<Times>
  readonly close: () => void
}

declare global {
  interface Window {
    munimentBench: BenchPage
  }
}

let lane: Lane | undefined

window.munimentBench = {
  open: async workload => {
    lane = createLane(workload, await openContenders(workload))
  },
  check: async () => lane!.check(await fetchItems()),
  measure: async () => lane!.measure(await fetchItems()),
  close: () => {
    lane!.close()
    lane = undefined
  },
}

async function fetchItems(): Promise<readonly SignedMessage[]> {
  return unpackItems(await (await fetch('items')).arrayBuffer())
}

async function openContenders(workload: SignatureWorkload): Promise<readonly Contender<SignatureCall>[]> {
  const always = [...(await openOurs(workload)), webCrypto(workload)]
  if (workload.name !== 'chain-1000x100') return always
  return [
    ...always,
    noble,
    await openWorkers('one-worker', workload, { size: 1 }),
    await openWorkers('two-workers', workload, { size: 2 }),
  ]
}

/**
 * Chromium checks in a thread of its own, so asking for all at once is its best case; one at a time waits for each answer.
 * Keys are imported before the clock runs.
 */
function webCrypto({ oneByOne }: SignatureWorkload): Contender<SignatureCall> {
  let prepared: readonly (() => Promise<boolean>)[] = []
  return {
    name: 'webcrypto',
    prepare: async ({ singles }) => {
      const keys = new Map<string, CryptoKey>()
      const checks: (() => Promise<boolean>)[] = []
      for (const { publicKey, message, signature } of singles as readonly OwnBytes[]) {
        const name = formatHex(publicKey)
        const key = keys.get(name) ?? (await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']))
        keys.set(name, key)
        checks.push(() => crypto.subtle.verify('Ed25519', key, signature, message))
      }
      prepared = checks
    },
    run: () =>
      secondsEach(prepared.length, async () => {
        if (oneByOne) for (const check of prepared) expectGood(await check())
        else expectGood((await Promise.all(prepared.map(check => check()))).every(good => good))
      }),
  }
}

/** What was unpacked from a buffer that no other thread shares. */
type OwnBytes = Readonly<Record<keyof SignedMessage, Uint8Array<ArrayBuffer>>>

async function openWorkers(
  name: string,
  workload: SignatureWorkload,
  { size }: { readonly size: number },
): Promise<Contender<SignatureCall>> {
  const spawn = (): Worker => new Worker(new URL('../../sdk/src/crypto/worker.ts', import.meta.url), { type: 'module' })
  return ours(name, workload, { crypto: createWorkerCrypto({ spawn, inThread: await openEngine(), size }) })
}

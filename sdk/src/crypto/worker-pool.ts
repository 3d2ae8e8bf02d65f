// A few workers that check chunks of signatures. A worker that fails, or is silent for too long, is given up for good and
// its chunk is checked in the thread that asked: no fault of a worker can become a verdict, or keep one from coming.

import type { Crypto } from './crypto.ts'
import { unpackItems, type Window } from './packed.ts'
import { isWorkAnswer, type WorkRequest } from './worker-messages.ts'

/** What the host spawns: a Worker of the browser, or one of node:worker_threads. */
export type WorkerLike = {
  readonly postMessage: (message: unknown, transfer: ArrayBuffer[]) => void
  readonly terminate: () => unknown
  /** Browsers. */
  readonly addEventListener?: (type: string, listener: (event: { readonly data?: unknown }) => void) => void
  /** Node. */
  readonly on?: (type: string, listener: (value: unknown) => void) => unknown
  /** Node: lets the process end while the worker is idle. */
  readonly unref?: () => void
}

export type PoolOptions = {
  readonly spawn: () => WorkerLike
  readonly size: number
  readonly inThread: Crypto
  readonly timeoutMs: number
}

/** Packed signatures, and how many they are. */
type Chunk = { readonly windows: readonly Window[]; readonly count: number }

export type Pool = {
  /** The indices of the bad ones. Chunks whose signal has fired before their turn are dropped, and never answered. */
  readonly check: (chunk: Chunk, signal: AbortSignal | undefined) => Promise<readonly number[]>
  readonly close: () => void
}

type Job = {
  readonly chunk: Chunk
  readonly signal: AbortSignal | undefined
  readonly answer: (bad: Promise<readonly number[]> | readonly number[]) => void
}

type Member = {
  readonly worker: WorkerLike
  /** The chunk under way; undefined when idle. */
  task: { readonly id: number; readonly job: Job; readonly timer: ReturnType<typeof setTimeout> } | undefined
}

export function createPool(options: PoolOptions): Pool {
  const members = new Set<Member>()
  const queue: Job[] = []
  let spawned = 0
  let lastId = 0

  function pump(): void {
    while (queue.length > 0) {
      const member = [...members].find(({ task }) => task === undefined) ?? spawnMember()
      if (member === undefined && members.size > 0) return
      const job = queue.shift()!
      if (job.signal?.aborted === true) continue
      if (member === undefined) checkHere(job)
      else give(member, job)
    }
  }

  function spawnMember(): Member | undefined {
    if (spawned === options.size) return undefined
    spawned++
    try {
      const member: Member = { worker: options.spawn(), task: undefined }
      listen(member.worker, { receive: value => receive(member, value), fail: () => giveUp(member) })
      members.add(member)
      return member
    } catch {
      return undefined
    }
  }

  function give(member: Member, job: Job): void {
    lastId++
    member.task = { id: lastId, job, timer: setTimeout(() => giveUp(member), options.timeoutMs) }
    // The chunk stays here until it is answered; what is handed over is a copy.
    const windows = job.chunk.windows.map(({ bytes, count }) => ({ bytes: bytes.slice(), count }))
    const request: WorkRequest = { id: lastId, windows }
    try {
      member.worker.postMessage(
        request,
        windows.map(({ bytes }) => bytes.buffer),
      )
    } catch {
      giveUp(member)
    }
  }

  function receive(member: Member, value: unknown): void {
    const { task } = member
    if (task === undefined) return
    const fits = isWorkAnswer(value) && value.id === task.id && 'bad' in value && value.count === task.job.chunk.count
    if (!fits) {
      giveUp(member)
      return
    }
    clearTimeout(task.timer)
    member.task = undefined
    task.job.answer(value.bad)
    pump()
  }

  function giveUp(member: Member): void {
    if (!members.delete(member)) return
    member.worker.terminate()
    if (member.task !== undefined) {
      clearTimeout(member.task.timer)
      checkHere(member.task.job)
    }
    pump()
  }

  function checkHere({ chunk, answer }: Job): void {
    answer(options.inThread.verifyEd25519(unpackItems(chunk.windows)))
  }

  return {
    check: (chunk, signal) =>
      new Promise(answer => {
        queue.push({ chunk, signal, answer })
        pump()
      }),
    close: () => {
      spawned = options.size
      for (const member of [...members]) giveUp(member)
    },
  }
}

function listen(
  worker: WorkerLike,
  { receive, fail }: { readonly receive: (value: unknown) => void; readonly fail: () => void },
): void {
  if (worker.addEventListener !== undefined) {
    worker.addEventListener('message', event => receive(event.data))
    worker.addEventListener('messageerror', fail)
    worker.addEventListener('error', fail)
    return
  }
  worker.on?.('message', receive)
  for (const type of ['messageerror', 'error', 'exit']) worker.on?.(type, fail)
  // Only now: listening holds the process again.
  worker.unref?.()
}

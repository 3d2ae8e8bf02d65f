// The native contender: a Go program that stays running, is driven by its standard input and times itself.

import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { goSkip } from '../../test/interop/go.ts'
import { type Contender, expectGood, type SignatureCall } from './contender.ts'
import { packItems } from './wire.ts'
import type { SignatureWorkload } from './workloads.ts'

const folder = join(import.meta.dirname, '..')

/** Batches of ten thousand, as large as the bars say. */
const batchSize = 10_000
/** Two of them are timed: each takes as long as the other, for the program keeps nothing but keys. */
const batchesMax = 2

/** The path of the program, or why there is none. */
export async function buildVoi(): Promise<{ readonly path: string } | { readonly missing: string }> {
  if (goSkip !== false) return { missing: goSkip }
  const name = process.platform === 'win32' ? 'bench-voi.exe' : 'bench-voi'
  const path = join(folder, '..', 'build', 'go', 'bin', name)
  const args = ['build', '-mod=readonly', '-buildvcs=false', '-o', path, '.']
  try {
    await promisify(execFile)('go', args, { cwd: join(folder, 'go') })
    return { path }
  } catch (error) {
    return { missing: `no Go modules: ${String(error).trim().split('\n').at(-1)}` }
  }
}

/** The program of its own for a workload, with no key in its cache. */
export function openVoi(path: string, { oneByOne }: SignatureWorkload): Contender<SignatureCall> {
  const program = startProgram(path)
  let loaded: readonly SignedMessage[] = []
  let count = 0
  return {
    name: 'voi-go',
    prepare: async ({ batch }) => {
      if (batch === loaded) return
      const items = oneByOne ? batch : batch.slice(0, batchesMax * batchSize)
      const packed = new Uint8Array(packItems(items))
      await program.write('L', [packed.length], packed)
      loaded = batch
      count = items.length
    },
    run: async () => {
      await program.write(oneByOne ? 'S' : 'B', oneByOne ? [count] : [count, batchSize])
      const { nanoseconds, good } = JSON.parse(await program.nextLine()) as Answer
      expectGood(good)
      return nanoseconds / 1e9 / count
    },
    close: program.end,
  }
}

/** What bench/go/main.go answers. */
type Answer = { readonly nanoseconds: number; readonly good: boolean }

type Program = {
  readonly write: (request: string, operands: readonly number[], bytes?: Uint8Array) => Promise<void>
  readonly nextLine: () => Promise<string>
  readonly end: () => void
}

function startProgram(path: string): Program {
  const child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      child.stdin.write(bytes, error => (error ? reject(error) : resolve()))
    })
  return {
    write: async (request, operands, bytes) => {
      const head = Buffer.alloc(1 + 4 * operands.length)
      head.write(request)
      operands.forEach((operand, i) => {
        head.writeUInt32LE(operand, 1 + 4 * i)
      })
      await write(head)
      if (bytes) await write(bytes)
    },
    nextLine: async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error('the Go program ended')
      return value
    },
    end: () => child.stdin.end(),
  }
}

// The native contender: CometBFT's light client in a Go program that stays running and times itself (bench/go-light).

import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { goSkip } from '../../test/interop/go.ts'
import { withLength } from './blocks.ts'

const folder = join(import.meta.dirname, '..')

/** The path of the program, or why there is none. */
export async function buildCometBft(): Promise<{ readonly path: string } | { readonly missing: string }> {
  if (goSkip !== false) return { missing: goSkip }
  const name = process.platform === 'win32' ? 'bench-light.exe' : 'bench-light'
  const path = join(folder, '..', 'build', 'go', 'bin', name)
  const args = ['build', '-mod=readonly', '-buildvcs=false', '-o', path, '.']
  try {
    await promisify(execFile)('go', args, { cwd: join(folder, 'go-light') })
    return { path }
  } catch (error) {
    return { missing: `no Go modules: ${String(error).trim().split('\n').at(-1)}` }
  }
}

/** `good`: CometBFT says that all is verified; else `error` has its words. */
type Timed = { readonly nanoseconds: number; readonly good: boolean; readonly error?: string }

/** Bytes of each block that is loaded. */
type Sizes = {
  readonly proto: readonly number[]
  /** Of the answers to `commit` and `validators`, all pages. */
  readonly rpc: readonly number[]
}

type Skip = {
  readonly chainId: string
  readonly trusted: number
  /** Of the trusted header, in hex. */
  readonly hash: string
  readonly target: number
  /** Seconds since 1970. */
  readonly now: number
  /** A protobuf LightBlock; whatever either provider is asked for. */
  readonly encodedBlock: (height: number) => Uint8Array
}

/** Light blocks asked of each; the time is without the waiting for them. */
type Skipped = Timed & { readonly primary: number; readonly witness: number }

export type CometBft = {
  /** Protobuf LightBlocks of heights that follow each other; the first is trusted. */
  readonly load: (encoded: readonly Uint8Array[]) => Promise<void>
  /** `light.VerifyAdjacent` of all but the first, from blocks that are decoded before the clock runs. */
  readonly adjacent: () => Promise<Timed>
  readonly sizes: () => Promise<Sizes>
  /** `light.Client` with its default options. */
  readonly skip: (skip: Skip) => Promise<Skipped>
  readonly close: () => void
}

/** A program of its own, with no key in its cache. */
export function openCometBft(path: string): CometBft {
  const child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const write = (bytes: Uint8Array | string): Promise<void> =>
    new Promise((resolve, reject) => {
      child.stdin.write(bytes, error => (error ? reject(error) : resolve()))
    })
  const ask = (request: object): Promise<void> => write(`${JSON.stringify(request)}\n`)
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the Go program ended')
    return JSON.parse(value)
  }
  return {
    load: async encoded => {
      const packed = encoded.flatMap(withLength)
      await ask({ do: 'load', bytes: packed.reduce((sum, { length }) => sum + length, 0) })
      for (const piece of packed) await write(piece)
    },
    adjacent: async () => {
      await ask({ do: 'adjacent' })
      return answer()
    },
    sizes: async () => {
      await ask({ do: 'sizes' })
      return answer()
    },
    skip: async ({ encodedBlock, ...request }) => {
      await ask({ do: 'skip', ...request })
      for (;;) {
        const said = await answer<Skipped | { readonly want: number }>()
        if (!('want' in said)) return said
        for (const piece of withLength(encodedBlock(said.want))) await write(piece)
      }
    },
    close: () => child.stdin.end(),
  }
}

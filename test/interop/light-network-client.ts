// Our light client in front of a live network: as a library, and as the process `muniment light`.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { formatHex } from '../../sdk/src/bytes.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { VerifyError } from '../../sdk/src/errors.ts'
import { type LightAnswer, LightClient, type LightClientOptions } from '../../sdk/src/light/client.ts'
import { createRpcProvider, type RpcProviderOptions } from '../../sdk/src/rpc/provider.ts'

export const crypto = await loadCrypto()

/** A block that the tests vouch for, read from a node that they started themselves. */
export type TestRoot = { readonly chainId: string; readonly block: LightBlock }

export type Asking = Partial<LightClientOptions> & {
  /** RPC servers, the primary first. */
  readonly servers: readonly string[]
  /** Of the primary. */
  readonly rpc?: RpcProviderOptions
}

export function clientOf({ chainId, block }: TestRoot, { servers, rpc = {}, ...options }: Asking): LightClient {
  const [primary, ...witnesses] = servers.map((url, i) => createRpcProvider(url, i === 0 ? rpc : {}))
  return new LightClient({
    chainId,
    trustRoot: { height: block.header.height, hash: headerHash(block.header, crypto) },
    trustingPeriodNs: 3_600n * 1_000_000_000n,
    primary: primary!,
    witnesses,
    crypto,
    ...options,
  })
}

/** The code that the call was refused with. */
export async function refusalOf(call: Promise<LightAnswer>): Promise<string> {
  const error = await call.then(
    ({ height }) => assert.fail(`verified ${height}`),
    failure => failure,
  )
  assert.ok(error instanceof VerifyError, String(error))
  return error.code
}

export const hashOf = ({ header }: LightBlock): string => formatHex(headerHash(header, crypto))

export type Told = {
  readonly kind: 'verified' | 'refused' | 'evidence' | 'contradiction'
  readonly code?: string
  readonly height?: string
  readonly hash?: string
  readonly signedPower?: string
  readonly totalPower?: string
  readonly agreed?: readonly string[]
  readonly silent?: readonly string[]
  readonly refuted?: readonly string[]
  readonly takenBy?: readonly string[]
}

export type Command = {
  /** Resolves with the first line told so far, or to come, that fits. */
  readonly told: (fits: (line: Told) => boolean) => Promise<Told>
  readonly lines: readonly Told[]
  /** As Ctrl-C does; and the exit code. */
  readonly stop: () => Promise<number | null>
  readonly ended: Promise<number | null>
}

/** `muniment light --json` with these servers, as a process. */
export function startCommand(
  { chainId, block }: TestRoot,
  servers: readonly string[],
  more: readonly string[] = [],
): Command {
  const main = fileURLToPath(new URL('../../node/src/main.ts', import.meta.url))
  const root = ['--chain-id', chainId, '--height', String(block.header.height), '--hash', hashOf(block)]
  const asked = servers.flatMap((url, i) => [i === 0 ? '--primary' : '--witness', url])
  const args = ['--conditions=source', main, 'light', ...root, ...asked, '--json', ...more]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  process.once('exit', () => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', chunk => {
    errors += chunk
  })
  const lines: Told[] = []
  const waiting = new Set<() => void>()
  const look = (): void => waiting.forEach(each => void each())
  createInterface({ input: child.stdout }).on('line', line => {
    lines.push(JSON.parse(line))
    look()
  })
  let hasEnded = false
  const ended = new Promise<number | null>(resolve => {
    child.once('close', code => {
      hasEnded = true
      look()
      resolve(code)
    })
  })
  return {
    lines,
    ended,
    stop() {
      child.kill('SIGINT')
      return ended
    },
    told: fits =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const line = lines.find(fits)
          if (line === undefined && !hasEnded) return
          waiting.delete(check)
          if (line !== undefined) resolve(line)
          else reject(new Error(`the command ended without saying so: ${JSON.stringify(lines)} ${errors}`))
        }
        waiting.add(check)
        check()
      }),
  }
}

/** The exit code of the command, run to its end, its verdict, and which of the servers took evidence. */
export async function runCommand(
  root: TestRoot,
  servers: readonly string[],
  more: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly told: Told; readonly takenBy: readonly string[] }> {
  const command = startCommand(root, servers, more)
  const code = await command.ended
  const told = command.lines.findLast(({ kind }) => kind === 'verified' || kind === 'refused')
  assert.ok(told !== undefined, `the command said nothing and ended with ${code}`)
  return { code, told, takenBy: command.lines.flatMap(line => (line.kind === 'evidence' ? (line.takenBy ?? []) : [])) }
}

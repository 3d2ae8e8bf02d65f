// A real CometBFT v0.40.0 node with its kvstore application, for tests: it makes blocks alone.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { lightBlockFromRpcJson } from '../../sdk/src/comet/rpc-json.ts'
import { installGoProgram } from './go.ts'

// biome-ignore lint/suspicious/noExplicitAny: each RPC method answers a shape of its own.
export type Answer = any

export type CometNode = {
  readonly chainId: string
  readonly rpc: string
  readonly home: string
  /** JSON-RPC; rejects with what the node says where it refuses. */
  readonly call: (method: string, params?: object) => Promise<Answer>
  readonly lightBlock: (height: bigint) => Promise<LightBlock>
  /** Resolves with the newest height once it is at least this. */
  readonly reached: (height: bigint) => Promise<bigint>
  readonly stop: () => Promise<void>
}

export type CometOptions = {
  /** Changes the files that `cometbft init` wrote. */
  readonly genesis?: (genesis: Answer) => Answer
  readonly validatorKey?: (key: Answer) => Answer
}

/** The path of CometBFT's own program, of the version that all tests against live nodes are of. */
export function installCometBft(): Promise<string> {
  return installGoProgram('github.com/cometbft/cometbft/cmd/cometbft', 'v0.40.0')
}

/** Starts a chain of its own, whose files are gone when it is stopped. */
export async function startCometNode(options: CometOptions = {}): Promise<CometNode> {
  const binary = await installCometBft()
  const home = mkdtempSync(join(tmpdir(), 'muniment-comet-'))
  execFileSync(binary, ['init', '--home', home], { stdio: 'ignore' })
  const inConfig = (name: string): string => join(home, 'config', name)
  editJson(inConfig('priv_validator_key.json'), options.validatorKey)
  const { chain_id: chainId } = editJson(inConfig('genesis.json'), options.genesis)
  const config = readFileSync(inConfig('config.toml'), 'utf8')
  // Validators that do not exist are waited for when their turn comes to propose.
  const impatient = config.replace(/^timeout_(propose|commit) = .*/gm, 'timeout_$1 = "100ms"')
  writeFileSync(inConfig('config.toml'), impatient)
  const [rpcPort, p2pPort] = [await freePort(), await freePort()]
  const addresses = ['--rpc.laddr', `tcp://127.0.0.1:${rpcPort}`, '--p2p.laddr', `tcp://127.0.0.1:${p2pPort}`]
  const child = spawn(binary, ['start', '--home', home, '--proxy_app', 'kvstore', ...addresses], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      said = (said + chunk).slice(-4_000)
    })
  }
  const ended = new Promise(resolve => child.once('close', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(home, { recursive: true, force: true })
  }
  const rpc = `http://127.0.0.1:${rpcPort}`
  const call = caller(rpc)
  const reached = async (height: bigint): Promise<bigint> => {
    const until = Date.now() + 60_000
    for (;;) {
      const newest = await call('status').then(
        answer => BigInt(answer.sync_info.latest_block_height),
        () => 0n,
      )
      if (newest >= height) return newest
      assert.ok(child.exitCode === null && Date.now() < until, `height ${height} was not reached: ${said}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  return { chainId, rpc, home, call, reached, stop, lightBlock: height => lightBlockAt(call, height) }
}

function editJson(path: string, edit: ((value: Answer) => Answer) | undefined): Answer {
  const value = JSON.parse(readFileSync(path, 'utf8'))
  const edited = edit?.(value) ?? value
  writeFileSync(path, JSON.stringify(edited))
  return edited
}

export function caller(rpc: string): CometNode['call'] {
  return async (method, params = {}) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, error } = (await response.json()) as Answer
    if (error) throw new Error(`${method}: ${error.message} ${error.data}`)
    return result
  }
}

export async function lightBlockAt(call: CometNode['call'], height: bigint): Promise<LightBlock> {
  const { signed_header } = await call('commit', { height: String(height) })
  const { validators } = await call('validators', { height: String(height), per_page: '100' })
  return lightBlockFromRpcJson({ signed_header, validators })
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

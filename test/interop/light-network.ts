// A real CometBFT v0.40.0 network on loopback, with its own kvstore application: four validators of equal power, and one node
// more that validates nothing until it is told to. Nodes can be killed, stopped, and cut off from each other. Whatever becomes
// of the process that started it, no node outlives that process.

import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createPrivateKey, sign } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { formatBase64 } from '../../sdk/src/bytes.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { type Answer, caller, installCometBft, lightBlockAt } from './cometbft.ts'
import { type Link, startLink } from './light-network-link.ts'

const nodeCount = 5
const validatorCount = 4
/** The machine may be busy with other things. */
const patienceMs = 90_000

export type NetworkNode = {
  /** The root of its RPC, which is the label of a provider of it too. */
  readonly rpc: string
  readonly key: ValidatorKey
  readonly call: (method: string, params?: object) => Promise<Answer>
  readonly lightBlock: (height: bigint) => Promise<LightBlock>
  /** The newest height; undefined where it does not answer. */
  readonly height: () => Promise<bigint | undefined>
  /** SIGKILL. */
  readonly kill: () => Promise<void>
  /** After a kill; resolves once it answers. */
  readonly restart: () => Promise<void>
  /** SIGSTOP: connections to it stay, and nothing is answered. */
  readonly freeze: () => void
  readonly thaw: () => void
}

export type ValidatorKey = {
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

export type LightNetwork = {
  readonly chainId: string
  readonly nodes: readonly NetworkNode[]
  /** Resolves once each of these nodes, or of all, is at least at this height; with the one that all of them have. */
  readonly reached: (height: bigint, nodes?: readonly NetworkNode[]) => Promise<bigint>
  /** Gives nodes voting power by transactions; 0 makes them leave. Resolves with the height from which it holds. */
  readonly setPowers: (powers: Powers) => Promise<bigint>
  /** Cuts all connections between these nodes and the others, and lets none be made. */
  readonly split: (nodes: readonly NetworkNode[]) => void
  readonly heal: () => void
  readonly stop: () => Promise<void>
}

export async function startLightNetwork(): Promise<LightNetwork> {
  const binary = await installCometBft()
  const home = mkdtempSync(join(tmpdir(), 'muniment-network-'))
  const others = String(nodeCount - validatorCount)
  execFileSync(binary, ['testnet', '--v', String(validatorCount), '--n', others, '--o', home], { stdio: 'ignore' })
  const homes = Array.from({ length: nodeCount }, (_, i) => join(home, `node${i}`))
  const running: RunningNode[] = []
  const links: { readonly link: Link; readonly ends: readonly [number, number] }[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(each => each.kill()))
    await Promise.all(links.map(({ link }) => link.close()))
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const ids = homes.map(each => execFileSync(binary, ['show-node-id', '--home', each], { encoding: 'utf8' }).trim())
    const ports: number[] = []
    for (const [i, nodeHome] of homes.entries()) {
      ports.push(await freePort())
      // Each pair of nodes has one link, which the later one dials; so nodes start one after the other.
      const peers: string[] = []
      for (let earlier = 0; earlier < i; earlier++) {
        const link = await startLink(ports[earlier]!)
        links.push({ link, ends: [earlier, i] })
        peers.push(`${ids[earlier]}@127.0.0.1:${link.port}`)
      }
      configure(nodeHome, peers)
      running.push(await startNode({ binary, home: nodeHome, rpcPort: await freePort(), p2pPort: ports[i]! }))
    }
    const { chain_id: chainId } = JSON.parse(readFileSync(join(homes[0]!, 'config', 'genesis.json'), 'utf8'))
    const nodes = running.map(each => each.node)
    let changes = 0
    return {
      chainId,
      nodes,
      reached: (height, among = nodes) => reached(height, among),
      setPowers: powers => setPowers(nodes[0]!, powers, changes++),
      split(part) {
        const isIn = (i: number): boolean => part.includes(nodes[i]!)
        for (const { link, ends } of links) if (isIn(ends[0]) !== isIn(ends[1])) link.cut()
      },
      heal: () => links.forEach(({ link }) => void link.mend()),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Quick blocks, no gossip of addresses, and peers only as they are given. */
function configure(home: string, peers: readonly string[]): void {
  const path = join(home, 'config', 'config.toml')
  const settings: Readonly<Record<string, string>> = {
    timeout_commit: '"150ms"',
    peer_gossip_sleep_duration: '"25ms"',
    timeout_propose: '"1s"',
    pex: 'false',
    persistent_peers: `"${peers.join(',')}"`,
    log_level: '"error"',
  }
  const before = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    before.replace(/^(\w+) = .*$/gm, (line, name) => (name in settings ? `${name} = ${settings[name]}` : line)),
  )
}

type Starting = {
  readonly binary: string
  readonly home: string
  readonly rpcPort: number
  readonly p2pPort: number
}

type RunningNode = { readonly node: NetworkNode; readonly kill: () => Promise<void> }

async function startNode(starting: Starting): Promise<RunningNode> {
  const rpc = `http://127.0.0.1:${starting.rpcPort}/`
  const call = caller(rpc)
  let guarded = await spawnGuarded(starting)
  const answers = async (): Promise<void> => {
    const until = Date.now() + patienceMs
    // It listens to peers a moment later than to clients.
    while ((await call('net_info').catch(() => undefined))?.listening !== true) {
      assert.ok(Date.now() < until, `the node does not answer: ${logOf(starting.home)}`)
      await pause(50)
    }
  }
  const node: NetworkNode = {
    rpc,
    key: keyIn(starting.home),
    call,
    lightBlock: height => lightBlockAt(call, height),
    async height() {
      try {
        return BigInt((await call('status')).sync_info.latest_block_height)
      } catch {
        return undefined
      }
    },
    kill: () => guarded.kill(),
    async restart() {
      guarded = await spawnGuarded(starting)
      await answers()
    },
    freeze: () => void process.kill(guarded.pid, 'SIGSTOP'),
    thaw: () => void process.kill(guarded.pid, 'SIGCONT'),
  }
  try {
    await answers()
  } catch (error) {
    await guarded.kill()
    throw error
  }
  return { node, kill: () => guarded.kill() }
}

/** Kills the node when its own standard input ends: when it is told to, or when whoever started it is gone. */
const guard = '"$@" >"$LOG" 2>&1 & echo $!; cat >/dev/null; kill -9 $!; wait $!'

type Guarded = { readonly pid: number; readonly kill: () => Promise<void> }

async function spawnGuarded({ binary, home, rpcPort, p2pPort }: Starting): Promise<Guarded> {
  const addresses = ['--rpc.laddr', `tcp://127.0.0.1:${rpcPort}`, '--p2p.laddr', `tcp://127.0.0.1:${p2pPort}`]
  const args = [binary, 'start', '--home', home, '--proxy_app', 'kvstore', ...addresses]
  const child: ChildProcess = spawn('sh', ['-c', guard, 'sh', ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, LOG: logIn(home) },
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    createInterface({ input: child.stdout! }).once('line', line => resolve(Number(line)))
  })
  return {
    pid,
    async kill() {
      child.stdin!.end()
      await ended
    },
  }
}

async function reached(height: bigint, nodes: readonly NetworkNode[]): Promise<bigint> {
  const until = Date.now() + patienceMs
  for (;;) {
    const heights = await Promise.all(nodes.map(each => each.height()))
    const known = heights.map(each => each ?? 0n)
    const lowest = inOrder(known)[0]!
    if (lowest >= height) return lowest
    assert.ok(Date.now() < until, `height ${height} was not reached: ${known.join(', ')}`)
    await pause(50)
  }
}

type Powers = readonly (readonly [node: NetworkNode, power: number])[]

/** `change` is another number each time: a pool takes no transaction twice, and leading zeros make another one. */
async function setPowers(through: NetworkNode, powers: Powers, change: number): Promise<bigint> {
  const heights = await Promise.all(
    powers.map(async ([{ key }, power]) => {
      const written = `${'0'.repeat(change)}${power}`
      const tx = Buffer.from(`val=ed25519!${formatBase64(key.publicKey)}!${written}`).toString('base64')
      const { check_tx: checked, tx_result: result, height } = await through.call('broadcast_tx_commit', { tx })
      assert.deepEqual([checked.code, result.code], [0, 0], result.log)
      return BigInt(height)
    }),
  )
  // Included in block h, in force from h + 2.
  return inOrder(heights).at(-1)! + 2n
}

function keyIn(home: string): ValidatorKey {
  const { priv_key: secret } = JSON.parse(readFileSync(join(home, 'config', 'priv_validator_key.json'), 'utf8'))
  const bytes = Buffer.from(secret.value, 'base64')
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes.subarray(0, 32)])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return {
    publicKey: new Uint8Array(bytes.subarray(32)),
    sign: message => new Uint8Array(sign(null, message, privateKey)),
  }
}

export function inOrder(heights: readonly bigint[]): readonly bigint[] {
  return heights.toSorted((left, right) => (left < right ? -1 : 1))
}

const logIn = (home: string): string => join(home, 'log')

function logOf(home: string): string {
  return existsSync(logIn(home)) ? readFileSync(logIn(home), 'utf8').slice(-2_000) : ''
}

/** Below those that the system gives to connections, so that it is still free when a node is started again. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const isFree = await new Promise<boolean>(resolve => {
      const server = createServer().once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}

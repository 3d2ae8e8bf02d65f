// A ledger and its witnesses as an operator runs them: processes of the command `muniment`, reached over HTTP only.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { initHome, readCatalogue } from '@muniment/node'
import {
  accountId,
  createRpcProvider,
  encodeUtf8,
  formatBase64Url,
  formatTrustRoot,
  genesisFileHash,
  limits,
  loadCrypto,
  parseBase64Url,
  parseCheckpointNote,
  parseJson,
  parseTrustRoot,
  type TrustRoot,
  verifyCosignatures,
  type Witness,
} from '@muniment/sdk'
import { prepareBody, signBody } from '../sdk/src/tx/prepare.ts'
import { signerOf } from './signer.ts'

const crypto = await loadCrypto()
const main = fileURLToPath(new URL('../node/src/main.ts', import.meta.url))
export const chainId = 'test-witnessed'

/** Makes a home in `folder/home` and the trust root in `folder/trust-root.json`. */
export async function makeHome(folder: string): Promise<TrustRoot> {
  const services = readCatalogue(fileURLToPath(new URL('../services', import.meta.url)))
  const home = join(folder, 'home')
  if (!existsSync(home)) mkdirSync(home)
  await initHome(home, { chainId, appState: { services: [...services] }, now: Date.now() })
  const genesis = parseJson(readFileSync(join(home, 'config', 'genesis.json'), 'utf8'), limits.genesisMembersMax)
  const root = {
    chainId,
    genesisHash: formatTrustRootHash(genesisFileHash(genesis, crypto)),
    checkpointKeys: { k: 1, keys: [formatBase64Url(signerOf('body').key.bytes)] },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2, denominator: 3 },
    trustingPeriodSeconds: 86_400,
  }
  const parsed = parseTrustRoot(root)
  writeFileSync(join(folder, 'trust-root.json'), JSON.stringify(formatTrustRoot(parsed)))
  return parsed
}

function formatTrustRootHash(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}

export type Running = {
  /** What it printed behind a word and a colon. */
  readonly value: (name: string) => string
  /** Everything that it said so far. */
  readonly told: () => string
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

const running = new Set<ChildProcess>()

/** Resolves when a line begins with `ready`; rejects with what the process said when it ends before. */
export function startMuniment(args: readonly string[], ready: string): Promise<Running> {
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  return watch(child, ready)
}

export function watch(child: ChildProcess, ready: string): Promise<Running> {
  running.add(child)
  let told = ''
  const ended = new Promise<void>(resolve =>
    child.once('close', () => {
      running.delete(child)
      resolve()
    }),
  )
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal)
    await ended
  }
  const value = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(told)?.[1] ?? ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8')
      stream.on('data', text => {
        told += text
        if (!new RegExp(`^${ready}`, 'm').test(told)) return
        resolve({ value, told: () => told, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') })
      })
    }
    void ended.then(() => reject(new Error(told)))
  })
}

/** For `after`: nothing is left running, whatever a test did. */
export async function killAll(): Promise<void> {
  const all = [...running].map(child => new Promise(resolve => child.once('close', resolve)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(all)
}

/** `home` is a folder; the ports are free ones unless `rpcPort` is given. */
export function startNodeProcess(
  home: string,
  given: { readonly witnesses?: readonly string[]; readonly rpcPort?: number } = {},
): Promise<Running> {
  const witnesses = (given.witnesses ?? []).flatMap(url => ['--witness', url])
  const ports = ['--rpc-port', String(given.rpcPort ?? 0), '--p2p-port', '0']
  return startMuniment(['node', '--home', home, ...ports, ...witnesses], 'The engine is embedded')
}

/** Two follow the node's RPC at that port. */
export async function startWitnessProcess(
  folder: string,
  given: { readonly name: string; readonly rpcPort: number; readonly port?: number },
): Promise<Running> {
  const files = ['--home', join(folder, given.name), '--root', join(folder, 'trust-root.json')]
  const node = ['--node', `http://127.0.0.1:${given.rpcPort}`, '--port', String(given.port ?? 0)]
  return startMuniment(['witness', ...files, ...node], 'Witness: ')
}

/** As a trust root has it. */
export function witnessOf(name: string, process: Running): Witness {
  return { name, key: parseBase64Url(process.value('Key for a trust root')) }
}

let declarations = 0

/** Makes a block, by the declaration of somebody new, and one more that proves it. Answers the height of the newest. */
export async function makeBlocks(rpc: string, root: TrustRoot): Promise<bigint> {
  const signer = signerOf(`citizen ${process.pid} ${declarations++}`)
  const provider = createRpcProvider(rpc)
  const { height } = (await provider.lightBlock('latest')).header
  const signers = [{ account: accountId(crypto, signer.key), role: 'citizen' }]
  const args = { commitment: formatBase64Url(crypto.sha256(encodeUtf8(`declaration ${declarations}`))) }
  const request = { service: 'citizen.declaration@1', transition: 'declare', args, signers }
  const body = prepareBody(request, { chainId, height, accounts: [], random: () => 0 })
  const transaction = await signBody(body, { signers: [signer], genesisHash: root.genesisHash, hasher: crypto })
  const { code, log } = await provider.submit(transaction)
  if (code !== 0) throw new Error(`the ledger refused a declaration: ${log}`)
  for (;;) {
    const { header } = await provider.lightBlock('latest')
    if (header.height >= height + 2n) return header.height
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export type Checkpoint = { readonly size: bigint; readonly names: readonly string[]; readonly text: string }

/** The newest checkpoint of a node, and which of the witnesses cosigned it. */
export async function readCheckpoint(rpc: string, witnesses: readonly Witness[]): Promise<Checkpoint> {
  const response = await fetch(`${rpc}/history_log`)
  const { result } = (await response.json()) as { readonly result: { readonly checkpoint: string } }
  const note = parseCheckpointNote(result.checkpoint)
  const cosigned = await verifyCosignatures(note, { keys: witnesses }, crypto)
  return { size: note.size, names: cosigned.map(({ witness }) => witness.name), text: result.checkpoint }
}

/** The first checkpoint that is as wanted. */
export async function checkpointWhere(
  rpc: string,
  witnesses: readonly Witness[],
  wanted: (checkpoint: Checkpoint) => boolean,
): Promise<Checkpoint> {
  const until = Date.now() + 40_000
  for (;;) {
    const checkpoint = await readCheckpoint(rpc, witnesses)
    if (wanted(checkpoint)) return checkpoint
    if (Date.now() > until) throw new Error(`the last checkpoint was of ${checkpoint.names}:\n${checkpoint.text}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export type Status = { readonly size: string; readonly cosigned: number; readonly evidence: readonly string[] }

export async function readStatus(witness: Running): Promise<Status> {
  return (await fetch(`${witness.value('Witness')}/status`)).json() as Promise<Status>
}

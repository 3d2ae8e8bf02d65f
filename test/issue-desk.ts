// A registrar's desk for tests of `muniment issue`: a real network, key files, a register, and the command as a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatBase64, formatNetwork, formatTrustRoot } from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'
import { startTestNetwork, type TestNetwork } from './network.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))

type Ended = {
  readonly code: number
  readonly signal: string | null
  readonly out: string
  readonly error: string
}

export type Desk = {
  readonly network: TestNetwork
  readonly path: (name: string) => string
  readonly write: (name: string, text: string | Uint8Array) => string
  /** Runs the command with the network's files; `--key` of both registrars unless keys are named. */
  readonly issue: (args: readonly string[], keys?: readonly string[]) => Running
  /** Any command. */
  readonly run: (args: readonly string[]) => Running
  readonly close: () => Promise<void>
}

type Running = { readonly child: ChildProcess; readonly ended: Promise<Ended> }

export async function openDesk(): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-issue-'))
  const network = await startTestNetwork()
  const path = (name: string): string => join(folder, name)
  const write = (name: string, text: string | Uint8Array): string => {
    writeFileSync(path(name), text)
    return path(name)
  }
  write('trust-root.json', JSON.stringify(formatTrustRoot(network.root)))
  write('network.json', JSON.stringify(formatNetwork({ ...network.network, peers: [] })))
  for (const name of ['registrar 1', 'registrar 2', 'founder 1', 'founder 2', 'nobody']) {
    writeFileSync(path(`${name}.json`), keyFileOf(name), { mode: 0o600 })
  }
  const common = ['--root', path('trust-root.json'), '--network', path('network.json')]
  const service = ['--service', join(repository, 'services', 'land-title.yaml')]
  return {
    network,
    path,
    write,
    issue(args, keys = ['registrar 1', 'registrar 2']) {
      const named = args.includes('--service') ? [] : service
      const given = ['issue', ...args, ...common, ...named, ...keys.flatMap(name => ['--key', path(`${name}.json`)])]
      return runCommand(given)
    },
    run: runCommand,
    async close() {
      await network.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** As `muniment key` writes one, with the key that test/signer.ts has under this name. */
function keyFileOf(name: string): string {
  const seed = createHash('sha256').update(`test signer ${name}`).digest()
  const publicKey = ed25519.getPublicKey(seed)
  return JSON.stringify({ algorithm: 'Ed25519', publicKey: formatBase64(publicKey), seed: formatBase64(seed) })
}

function runCommand(args: readonly string[]): Running {
  const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', 'node/src/main.ts', ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let error = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    error += chunk
  })
  const ended = new Promise<Ended>(resolve => {
    child.once('close', (code, signal) => resolve({ code: code ?? -1, signal, out, error }))
  })
  return { child, ended }
}

/** A register of example titles, as a spreadsheet writes it: byte order mark, CRLF, quoted cells. */
export function exampleRegister(rows: number, from = 1): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const number = from + index
    return `EX ${number}/7,${100 + (number % 900)},Example District,"Example owner ""${number}"", of Example Street",1/1`
  })
  return `\ufeff${['Parcel,Area (m²),district,OWNER,Share', ...lines].join('\r\n')}\r\n`
}

/** Lines of a run's journal after the first. */
export function journalOf(folder: string): readonly Readonly<Record<string, unknown>>[] {
  const [, ...lines] = readFileSync(join(folder, 'journal.jsonl'), 'utf8').split('\n').filter(Boolean)
  return lines.flatMap(line => {
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })
}

export type Line = {
  readonly url: string
  readonly cut: () => void
  readonly mend: () => void
  readonly close: () => void
}

/** A line to a node that can be cut and mended. */
export async function lineTo(url: string): Promise<Line> {
  const { port } = new URL(url)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer(socket => {
    if (isCut) return void socket.destroy()
    const far = connect(Number(port), '127.0.0.1')
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { readonly port: number }
  const cut = (): void => {
    isCut = true
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => {
      isCut = false
    },
    close: () => {
      cut()
      server.close()
    },
  }
}

// Started once for all tests: for each worker the demo as `npm start` starts it, on ports of its own and in a home of its own, so
// that no test changes records under another one's eyes; the page of looks, and the catalogue. Their addresses are handed on in the
// environment.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FullConfig } from '@playwright/test'
import { build } from 'vite'
import { startPortal } from '../../demo/server/portal.ts'
import { offerPlace } from './places.ts'
import { buildSite } from './site.ts'

const repository = join(import.meta.dirname, '..', '..')
const output = join(repository, 'test', 'output')
const readyTimeoutMs = 90_000

export default async function setup({ workers }: FullConfig): Promise<() => Promise<void>> {
  if (!process.env.MUNIMENT_BROWSER) return async () => undefined
  mkdirSync(join(output, 'screenshots'), { recursive: true })
  const [looks, catalogue, ...demos] = await Promise.all([
    startLooks(),
    buildSite('demo/catalogue'),
    ...Array.from({ length: workers }, (_, index) => startPlace(index)),
  ])
  process.env.MUNIMENT_LOOKS = looks.origin
  process.env.MUNIMENT_CATALOGUE = catalogue.origin
  return async () => {
    await Promise.all([looks, catalogue, ...demos].map(({ close }) => close()))
  }
}

/** What the tests of one worker act upon (places.ts). */
async function startPlace(index: number): Promise<{ readonly close: () => Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'muniment-e2e-'))
  const began = performance.now()
  const demo = await startDemo(home)
  offerPlace(index, { portal: demo.origin, home, startMs: Math.round(performance.now() - began) })
  return {
    async close() {
      await demo.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function startDemo(home: string): Promise<{ readonly origin: string; readonly stop: () => Promise<void> }> {
  // Pages of other origins ask the node too (embed.spec.ts).
  const ports = ['--port', '0', '--rpc-port', '0', '--p2p-port', '0', '--allow-origin', '*']
  const child = spawn(process.execPath, ['scripts/start.mjs', '--home', home, ...ports], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the demo and its node end with it.
    detached: process.platform !== 'win32',
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    signalGroup(child)
    await ended
  }
  process.once('exit', () => signalGroup(child))
  return { origin: await readyLine(child), stop }
}

function signalGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}

function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const late = setTimeout(() => reject(new Error(`the demo was not ready in time:\n${said}`)), readyTimeoutMs)
    const listen = (line: string): void => {
      said += `${line}\n`
      const ready = /^Ready: (http:\/\/\S+)$/.exec(line)
      if (!ready) return
      clearTimeout(late)
      resolve(ready[1]!)
    }
    for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', listen)
    child.once('exit', () => reject(new Error(`the demo ended:\n${said}`)))
  })
}

/** The page of looks under the portal's own policy. */
async function startLooks(): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const folder = join(output, 'looks')
  await build({ configFile: join(import.meta.dirname, 'looks', 'vite.config.ts'), logLevel: 'warn' })
  const server = await startPortal({
    host: '127.0.0.1',
    port: 0,
    folder,
    rpc: 'http://127.0.0.1:1',
    networkJson: () => '{}',
    demo: async () => undefined,
  })
  return { origin: `http://localhost:${server.port}`, close: server.close }
}

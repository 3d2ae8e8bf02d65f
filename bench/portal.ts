// The demo as `npm start` starts it, on ports of its own.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type Portal = { readonly origin: string; readonly stop: () => Promise<void> }

/** Resolves when it is ready. */
export function startPortal(home: string, options: readonly string[] = []): Promise<Portal> {
  const began = performance.now()
  const args = ['scripts/start.mjs', '--home', home, '--port', '0', '--rpc-port', '0', '--p2p-port', '0', ...options]
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  process.once('exit', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the portal ended')))
    createInterface({ input: child.stdout }).on('line', line => {
      const origin = /^Ready: (\S+)/.exec(line)?.[1]
      if (!origin) return
      console.log(`npm start was ready after ${((performance.now() - began) / 1000).toFixed(1)} s`)
      const stop = async (): Promise<void> => {
        child.kill('SIGTERM')
        await ended
      }
      resolve({ origin, stop })
    })
  })
}

// The node as a process of its own, reached only over the network, like any other node.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type NodeProcess = {
  readonly rpc: string
  readonly addresses: readonly string[]
  readonly stop: () => Promise<void>
}

export type NodeOptions = {
  readonly repository: string
  readonly home: string
  readonly rpcPort: number
  readonly p2pPort: number
  /** Told when the node ends without being asked to, with the last sentence that it said. */
  readonly onEnd: (sentence: string) => void
}

/** Rejects with the node's own sentence where it can't start. */
export function startNodeProcess(options: NodeOptions): Promise<NodeProcess> {
  const ports = ['--rpc-port', String(options.rpcPort), '--p2p-port', String(options.p2pPort)]
  const args = ['--conditions=source', 'node/src/main.ts', 'node', '--home', options.home, ...ports]
  const child = spawn(process.execPath, args, { cwd: options.repository, stdio: ['ignore', 'pipe', 'pipe'] })
  const addresses: string[] = []
  let rpc = ''
  let sentence = ''
  let ready = false
  let stopping = false
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', text => {
    sentence = `${sentence}${text}`.slice(-4_000)
    if (ready) process.stderr.write(text)
  })
  // A terminal's Ctrl-C reaches the node too; where only this process is ended, it must not be left behind.
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      if (!ready) reject(new Error(sentence.trim() || 'The node ended at once.'))
      else if (!stopping) options.onEnd(sentence.trim())
    })
    createInterface({ input: child.stdout }).on('line', line => {
      const [name, value = ''] = line.split(/: (.*)/)
      if (name === 'RPC') rpc = value
      if (name === 'WebRTC') addresses.push(value)
      if (!line.startsWith('The engine is embedded')) return
      ready = true
      resolve({
        rpc,
        addresses,
        async stop() {
          stopping = true
          child.kill('SIGTERM')
          const late = setTimeout(() => child.kill('SIGKILL'), 8_000)
          await ended
          clearTimeout(late)
        },
      })
    })
  })
}

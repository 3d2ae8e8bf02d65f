// The node as a process of its own, reached only over the network, like any other node.

import { type RunningProcess, startProcess, valuesOf } from './process.ts'

export type NodeProcess = Pick<RunningProcess, 'stop'> & {
  readonly rpc: string
  readonly addresses: readonly string[]
}

export type NodeOptions = {
  readonly repository: string
  readonly home: string
  readonly rpcPort: number
  readonly p2pPort: number
  /** A file with the newest checkpoint. */
  readonly checkpoint: string
  /** Addresses of the witnesses. */
  readonly witnesses: readonly string[]
  /** Origins whose pages may ask the node themselves. */
  readonly allowOrigins: readonly string[]
  /** Told when the node ends without being asked to, with the last sentence that it said. */
  readonly onEnd: (sentence: string) => void
}

/** Rejects with the node's own sentence where it can't start. */
export async function startNodeProcess(options: NodeOptions): Promise<NodeProcess> {
  const { repository, onEnd } = options
  const ports = ['--rpc-port', String(options.rpcPort), '--p2p-port', String(options.p2pPort)]
  const witnesses = options.witnesses.flatMap(url => ['--witness', url])
  const allowed = options.allowOrigins.flatMap(origin => ['--allow-origin', origin])
  const args = ['node', '--home', options.home, '--checkpoint', options.checkpoint, ...ports, ...witnesses, ...allowed]
  const isReady = (line: string): boolean => line.startsWith('The engine is embedded')
  const { lines, stop } = await startProcess({ repository, args, onEnd, isReady })
  return { rpc: valuesOf(lines, 'RPC')[0] ?? '', addresses: valuesOf(lines, 'WebRTC'), stop }
}

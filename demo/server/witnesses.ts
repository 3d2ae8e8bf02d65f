// The demonstration's witnesses: two processes with keys of their own, as two organisations would run them. They are plainly
// examples: both stand on this machine.

import { createServer } from 'node:net'
import { join } from 'node:path'
import { parseBase64Url, type Witness } from '@muniment/sdk'
import { type RunningProcess, startProcess, valuesOf } from './process.ts'

/** Both are asked for. */
export const witnessThreshold = 2

const names = ['Example University (demo witness)', 'Example Bar Association (demo witness)'] as const

export type WitnessProcess = RunningProcess & {
  readonly url: string
  /** Its name in the trust root, and the key that it has made for itself. */
  readonly witness: Witness
}

export type WitnessPlan = {
  readonly repository: string
  /** Where their homes stand. */
  readonly folder: string
  /** The node that they look at; it may start later. */
  readonly node: string
  /** The file of a trust root; it need not name the witnesses yet. */
  readonly root: string
  /** Told which one has ended by itself. */
  readonly onEnd: (name: string) => void
}

/** Rejects with a witness's own sentence where it can't start. */
export function startWitnesses(plan: WitnessPlan): Promise<readonly WitnessProcess[]> {
  return Promise.all(names.map((name, index) => startWitness(name, join(plan.folder, `witness-${index + 1}`), plan)))
}

async function startWitness(name: string, home: string, plan: WitnessPlan): Promise<WitnessProcess> {
  const running = await startProcess({
    repository: plan.repository,
    args: ['witness', '--home', home, '--node', plan.node, '--root', plan.root, '--port', '0'],
    isReady: line => line.startsWith('Witness: '),
    onEnd: () => plan.onEnd(name),
  })
  const key = parseBase64Url(valuesOf(running.lines, 'Key for a trust root')[0]!)
  return { ...running, url: valuesOf(running.lines, 'Witness')[0]!, witness: { name, key } }
}

/** The port, or a free one in its place where it is 0: the witnesses must know it before the node runs. */
export async function settledPort(port: number): Promise<number> {
  if (port !== 0) return port
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

// `muniment audit`: compares the history log with the chain, leaf by leaf.

import { writeFileSync } from 'node:fs'
import {
  formatHex,
  formatTime,
  headerHash,
  loadCrypto,
  parseNetwork,
  parseTrustRoot,
  timeFromMilliseconds,
  VerifyError,
} from '@muniment/sdk'
import { type Audit, auditHistory } from '../audit/audit.ts'
import type { Contradiction } from '../audit/evidence.ts'
import { type Replay, replayChain } from '../audit/replay.ts'
import { nodeHasher } from '../hasher.ts'
import { systemError } from '../home-error.ts'
import { addresses, needed, options, UsageError } from './arguments.ts'
import { readJsonFile } from './files.ts'

export const auditUsage = `  audit  --node URL --root trust-root.json [--network network.json] [--evidence FILE] [--replay [--work DIR]]
         compares every leaf of the history log with the chain of blocks, from the newest one back to the genesis
         --replay: also works out every block anew from the genesis file, and compares state and results with what was signed;
         DIR keeps the state, so that the next audit goes on from there
         exits with 0: they agree · 1: they do not, or the node can't be audited; a contradiction is kept in FILE
`

/** Answers the exit code. Throws UsageError and HomeError. */
export async function audit(args: readonly string[]): Promise<number> {
  const values = options(args, {
    node: { type: 'string' },
    root: { type: 'string' },
    network: { type: 'string' },
    evidence: { type: 'string' },
    replay: { type: 'boolean' },
    work: { type: 'string' },
  })
  if (values.work !== undefined && values.replay !== true) throw new UsageError('--work goes with --replay.')
  const [node] = addresses([needed(values, 'node')])
  const { network } = values
  const root = readJsonFile(needed(values, 'root'), parseTrustRoot)
  const checkpoint = network === undefined ? undefined : readJsonFile(String(network), parseNetwork).checkpoint
  const evidenceFile = String(values.evidence ?? 'muniment-audit-evidence.json')
  const crypto = await loadCrypto()
  const now = () => timeFromMilliseconds(Date.now())
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort(new UsageError('Interrupted.')))
  const asked = { root, node: node!, checkpoint, crypto, now }
  try {
    const comparing = await shown('compared', onProgress => auditHistory({ ...asked, onProgress }))
    const code = tell(comparing, evidenceFile)
    if (code !== 0 || values.replay !== true) return code
    const folder = values.work === undefined ? undefined : String(values.work)
    const { signal } = interrupt
    const worked = await shown('worked out', onProgress => replayChain({ ...asked, folder, signal, onProgress }))
    return tellReplay(worked, evidenceFile)
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    console.error(`The log can't be audited: ${error.message}.`)
    return 1
  } finally {
    crypto.close()
  }
}

/** How far it is, as it goes on: a terminal sees every step on one line; a log file one line in ten seconds. */
async function shown<T>(
  verb: string,
  run: (onProgress: (done: bigint, total: bigint) => void) => Promise<T>,
): Promise<T> {
  const isTerminal = process.stderr.isTTY === true
  let told = 0
  try {
    return await run((done, total) => {
      if (Date.now() - told <= (isTerminal ? 100 : 10_000)) return
      told = Date.now()
      process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}${verb} ${done} of ${total} blocks${isTerminal ? '' : '\n'}`)
    })
  } finally {
    if (isTerminal) process.stderr.write('\r\x1b[K')
  }
}

function tell(outcome: Audit, file: string): number {
  if (outcome.kind === 'contradicts') return tellContradiction(outcome, file)
  const { head, leaves, checkpointSize } = outcome
  const { header } = head
  console.log(`Chain ${header.chainId}: ${leaves} leaves of the history log were compared, the genesis hash and the`)
  console.log(
    `hashes of the blocks 1 to ${header.height - 1n}; each block names the one before it. They agree with the log`,
  )
  console.log(
    `under block ${header.height} of ${formatTime(header.time)}, ${formatHex(headerHash(header, nodeHasher))}.`,
  )
  if (checkpointSize !== undefined) console.log(`The log's checkpoint of ${checkpointSize} leaves agrees as well.`)
  return 0
}

function tellReplay(outcome: Replay, file: string): number {
  if (outcome.kind === 'contradicts') return tellContradiction(outcome, file)
  const { head, blocks, transactions } = outcome
  const { header } = head
  console.log(`${blocks} blocks with ${transactions} transactions were worked out anew: the state up to block`)
  console.log(
    `${header.height - 1n}, app hash ${formatHex(header.appHash)}, follows from the genesis file by the rules.`,
  )
  return 0
}

function tellContradiction({ sentence, evidence }: Contradiction, file: string): number {
  save(file, evidence)
  console.error(`${sentence}\nThe evidence is kept in ${file}.`)
  return 1
}

function save(file: string, evidence: unknown): void {
  try {
    writeFileSync(file, `${JSON.stringify(evidence, null, 2)}\n`)
  } catch (error) {
    throw systemError(error, file) ?? error
  }
}

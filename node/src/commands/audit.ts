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
import { nodeHasher } from '../hasher.ts'
import { systemError } from '../home-error.ts'
import { addresses, needed, options } from './arguments.ts'
import { readJsonFile } from './files.ts'

export const auditUsage = `  audit  --node URL --root trust-root.json [--network network.json] [--evidence FILE]
         compares every leaf of the history log with the chain of blocks, from the newest one back to the genesis
         exits with 0: they agree · 1: they do not, or the node can't be audited; a contradiction is kept in FILE
`

/** Answers the exit code. Throws UsageError and HomeError. */
export async function audit(args: readonly string[]): Promise<number> {
  const values = options(args, {
    node: { type: 'string' },
    root: { type: 'string' },
    network: { type: 'string' },
    evidence: { type: 'string' },
  })
  const [node] = addresses([needed(values, 'node')])
  const { network } = values
  const root = readJsonFile(needed(values, 'root'), parseTrustRoot)
  const checkpoint = network === undefined ? undefined : readJsonFile(String(network), parseNetwork).checkpoint
  const crypto = await loadCrypto()
  const isTerminal = process.stderr.isTTY === true
  let told = 0
  const onProgress = (compared: bigint, total: bigint): void => {
    // A terminal sees every step on one line; a log file one line in ten seconds.
    if (isTerminal) process.stderr.write(`\r\x1b[Kcompared ${compared} of ${total} blocks`)
    else if (Date.now() - told > 10_000) {
      told = Date.now()
      process.stderr.write(`compared ${compared} of ${total} blocks\n`)
    }
  }
  const now = () => timeFromMilliseconds(Date.now())
  try {
    const outcome = await auditHistory({ root, node: node!, checkpoint, crypto, now, onProgress })
    if (isTerminal) process.stderr.write('\r\x1b[K')
    return tell(outcome, String(values.evidence ?? 'muniment-audit-evidence.json'))
  } catch (error) {
    if (isTerminal) process.stderr.write('\r\x1b[K')
    if (!(error instanceof VerifyError)) throw error
    console.error(`The log can't be audited: ${error.message}.`)
    return 1
  } finally {
    crypto.close()
  }
}

function tell(outcome: Audit, file: string): number {
  if (outcome.kind === 'contradicts') {
    save(file, outcome.evidence)
    console.error(`${outcome.sentence}\nThe evidence is kept in ${file}.`)
    return 1
  }
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

function save(file: string, evidence: unknown): void {
  try {
    writeFileSync(file, `${JSON.stringify(evidence, null, 2)}\n`)
  } catch (error) {
    throw systemError(error, file) ?? error
  }
}

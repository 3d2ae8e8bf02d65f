// `muniment verify FILE`: a link, a document, a proof bundle or a PDF with one attached, checked against a network that the caller names.

import { readFileSync, statSync } from 'node:fs'
import {
  decodeUtf8,
  formatTime,
  type Json,
  limits,
  parseJson,
  parseNetwork,
  parseTrustRoot,
  type Verdict,
  type VerdictKind,
  VerifyError,
  verifyBundle,
  verifyRecord,
} from '@muniment/sdk'
import { HomeError, systemError } from '../home-error.ts'
import { needed, options, UsageError } from './arguments.ts'

export const verifyUsage = `  verify FILE --root trust-root.json --network network.json [--offline] [--json]
         checks a link, a document, a proof bundle, or a PDF that carries one; with --offline nobody is asked
         exits with 0: valid · 2: invalid · 3: stale · 4: unknown
`

const exitCodes: Readonly<Record<VerdictKind, number>> = { valid: 0, invalid: 2, stale: 3, unknown: 4 }

/** Answers the exit code. Throws UsageError, HomeError, or VerifyError where a file of the network is not one. */
export async function verify(args: readonly string[]): Promise<number> {
  const [file, ...rest] = args
  if (file === undefined || file.startsWith('--')) throw new UsageError('Which file? muniment verify FILE …')
  const values = options(rest, {
    root: { type: 'string' },
    network: { type: 'string' },
    offline: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const root = parseTrustRoot(readJson(needed(values, 'root')))
  const network = parseNetwork(readJson(needed(values, 'network')))
  const input = await readInput(file)
  const verdict = await (values.offline === true ? verifyBundle : verifyRecord)(input, { root, network })
  console.log(values.json === true ? JSON.stringify(toJson(verdict)) : toText(verdict))
  return exitCodes[verdict.kind]
}

const pdfProblems = {
  none: 'has no record attached',
  encrypted: 'is locked with a password',
  damaged: 'cannot be read',
} as const

/** What is attached to a PDF, else the file as it is. */
async function readInput(path: string): Promise<Uint8Array> {
  const bytes = read(path, limits.pdfBytesMax)
  if (decodeLatin(bytes.subarray(0, limits.fileHeadBytes)).includes('%PDF-')) {
    const { findRecordInPdf } = await import('@muniment/sdk/pdf')
    const found = await findRecordInPdf(bytes).catch(error => {
      if (error instanceof VerifyError) return { kind: 'damaged' } as const
      throw error
    })
    if (found.kind === 'record') return found.bytes
    throw new HomeError('file-malformed', `The PDF ${path} ${pdfProblems[found.kind]}.`)
  }
  if (bytes.length > limits.bundleBytesMax) throw new HomeError('file-malformed', `The file ${path} is too long.`)
  return bytes
}

function decodeLatin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function readJson(path: string): Json {
  return parseJson(decodeUtf8(read(path, limits.jsonLengthMax)))
}

function read(path: string, bytesMax: number): Uint8Array {
  try {
    if (statSync(path).size > bytesMax) throw new HomeError('file-malformed', `The file ${path} is too long.`)
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') throw new UsageError(`There is no file ${path}.`)
    throw systemError(error, path) ?? error
  }
}

function toJson({ kind, code, asOf, sources, trusted, steps, evidence, record }: Verdict): Json {
  return {
    kind,
    code,
    asOf:
      asOf === undefined ? null : { height: String(asOf.height), time: formatTime(asOf.time), age: asOf.ageSeconds },
    sources,
    trusted: trusted.map(party =>
      Object.fromEntries(
        Object.entries(party).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
      ),
    ) as Json,
    steps: steps.map(({ code: step, state }) => ({ step, state })),
    type: record?.type ?? null,
    evidence,
  }
}

/** The verdict, the date that it speaks of, and whom it trusted, a line each. */
function toText(verdict: Verdict): string {
  const { kind, code, asOf, trusted, evidence, record } = verdict
  const lines = [`${kind}: ${code}${evidence === '' ? '' : `. ${evidence}`}`]
  if (record) lines.push(`record: ${record.type}, of ${record.entry.issuer}`)
  if (asOf) lines.push(`as of: ${formatTime(asOf.time)} (block ${asOf.height}, ${asOf.ageSeconds} s ago)`)
  for (const party of trusted) {
    if (party.role === 'checkpoint') lines.push(`trusted: ${party.k} of ${party.n} signers of the checkpoint`)
    if (party.role === 'validators')
      lines.push(`trusted: ${party.count} validators, of whose power ${party.signed} of ${party.total} signed`)
    if (party.role === 'witnesses' && party.asked > 0)
      lines.push(`trusted: witnesses ${party.names.join(', ') || '(none)'}, of whom ${party.asked} are asked for`)
  }
  return lines.join('\n')
}

// `muniment light`: follows any CometBFT chain from a block that the caller trusts, over RPC servers that it does not.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Contradiction,
  createMemoryStore,
  createRpcProvider,
  formatHex,
  formatTime,
  headerHash,
  type LightAnswer,
  LightClient,
  loadCrypto,
  parseHex,
  type StoredEvidence,
  type SyncProgress,
  type TrustLevel,
  VerifyError,
  type VerifyErrorCode,
} from '@muniment/sdk'
import { reportRoundsMax } from '../limits.ts'
import { openLightStore } from '../storage/light-store.ts'
import { needed, type OptionValues, options, UsageError } from './arguments.ts'

export const lightUsage = `  light  --chain-id ID --height N --hash HEX --primary URL [--witness URL]... [--to N] [--follow]
         [--trusting-period 168h] [--trust-level 1/3] [--sequential] [--json] [--evidence FILE] [--home DIR]
         verifies the newest block (or block N, or each new one) of any CometBFT chain from a block that you trust;
         with --home, what was verified and what evidence was found is kept between runs
         exits with 0: verified · 2: two servers proved different blocks · 3: the trusted block is too old ·
         4: nobody answered · 5: what was answered is refused
`

/** What each kind of failure ends the command with. */
const exitCodes: Partial<Record<VerifyErrorCode, number>> = {
  'conflicting-headers': 2,
  expired: 3,
  unavailable: 4,
  limited: 4,
  'wrong-height': 4,
}

const followEveryMs = 1_000

/** Answers the exit code. Throws UsageError. */
export async function light(args: readonly string[]): Promise<number> {
  const values = options(args, {
    'chain-id': { type: 'string' },
    height: { type: 'string' },
    hash: { type: 'string' },
    primary: { type: 'string' },
    witness: { type: 'string', multiple: true },
    to: { type: 'string' },
    follow: { type: 'boolean' },
    'trusting-period': { type: 'string' },
    'trust-level': { type: 'string' },
    sequential: { type: 'boolean' },
    json: { type: 'boolean' },
    evidence: { type: 'string' },
    home: { type: 'string' },
  })
  const crypto = await loadCrypto()
  const urls = [needed(values, 'primary'), ...((values.witness as string[] | undefined) ?? [])]
  const [primary, ...witnesses] = urls.map(url => createRpcProvider(addressOf(url)))
  const store = typeof values.home === 'string' ? await openLightStore(join(values.home, 'light')) : createMemoryStore()
  const client = new LightClient({
    chainId: needed(values, 'chain-id'),
    trustRoot: { height: heightOf(needed(values, 'height')), hash: hashOf(needed(values, 'hash')) },
    trustingPeriodNs: periodOf(String(values['trusting-period'] ?? '168h')),
    trustLevel: levelOf(String(values['trust-level'] ?? '1/3')),
    mode: values.sequential === true ? 'sequential' : 'skipping',
    primary: primary!,
    witnesses,
    store,
    crypto,
  })
  const stop = new AbortController()
  const call = (): void => stop.abort()
  process.once('SIGINT', call)
  process.once('SIGTERM', call)
  const report = createReport(values.json === true, answer => formatHex(headerHash(answer.block.header, crypto)))
  try {
    const code = await run(client, { values, report, signal: stop.signal })
    // Of an earlier run: whoever was away then is asked now.
    if (code === 0 && !stop.signal.aborted && (await client.evidence()).length > 0) await client.reportEvidence()
    return code
  } finally {
    await store.close()
    report.done()
    process.off('SIGINT', call)
    process.off('SIGTERM', call)
    crypto.close()
  }
}

type Running = { readonly values: OptionValues; readonly report: Report; readonly signal: AbortSignal }

async function run(client: LightClient, { values, report, signal }: Running): Promise<number> {
  const target = values.to === undefined ? 'latest' : heightOf(String(values.to))
  let told = 0n
  for (;;) {
    try {
      const answer = await client.verifyAtHeight(target, { signal, onProgress: report.progress })
      if (answer.height > told) report.answer(answer)
      told = answer.height
    } catch (error) {
      if (signal.aborted) return 0
      if (!(error instanceof VerifyError)) throw error
      report.refusal(error)
      if (error.code === 'conflicting-headers') {
        report.evidence(await reportEvidence(client, { values, signal }), await client.contradictions())
      }
      // A server that is away for a while does not end a watch; anything else does.
      const code = exitCodes[error.code] ?? 5
      if (values.follow !== true || code !== 4) return code
    }
    if (values.follow !== true || target !== 'latest') return 0
    await pause(followEveryMs, signal)
    if (signal.aborted) return 0
  }
}

/** Until one server has taken some of it: a node takes none that is about its newest block, until it has made the next. */
async function reportEvidence(
  client: LightClient,
  { values, signal }: Pick<Running, 'values' | 'signal'>,
): Promise<readonly StoredEvidence[]> {
  const path = values.evidence
  if (typeof path === 'string') {
    const { formatEvidence } = await import('@muniment/sdk')
    const kept = (await client.evidence()).map(({ evidence }) => formatEvidence(evidence))
    writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`)
  }
  for (let round = 1; ; round++) {
    await client.reportEvidence()
    const found = await client.evidence()
    const isTaken = found.some(({ takenBy }) => takenBy.length > 0)
    if (isTaken || round >= reportRoundsMax || signal.aborted) return found
    await pause(followEveryMs, signal)
  }
}

type Report = {
  readonly progress: (progress: SyncProgress) => void
  readonly answer: (answer: LightAnswer) => void
  readonly refusal: (error: VerifyError) => void
  readonly evidence: (found: readonly StoredEvidence[], contradictions: readonly Contradiction[]) => void
  readonly done: () => void
}

/** Lines for people, or one JSON object a line; the progress goes to a terminal only. */
function createReport(json: boolean, hashOfBlock: (answer: LightAnswer) => string): Report {
  const isTerminal = process.stderr.isTTY === true && !json
  const clear = (): void => {
    if (isTerminal) process.stderr.write('\r\x1b[K')
  }
  return {
    progress({ steps, trustedHeight, targetHeight }) {
      if (isTerminal) process.stderr.write(`\r\x1b[Kverified ${trustedHeight} of ${targetHeight} in ${steps} steps`)
    },
    answer(answer) {
      clear()
      const { height, block, signedPower, trustRoot, agreed, silent, refuted } = answer
      const told = {
        kind: 'verified',
        height: String(height),
        hash: hashOfBlock(answer),
        time: formatTime(block.header.time),
        signedPower: String(signedPower.signed),
        totalPower: String(signedPower.total),
        trustedSince: { height: String(trustRoot.height), seconds: trustRoot.ageSeconds },
        agreed,
        silent,
        refuted,
      }
      const share = Number((signedPower.signed * 1_000n) / signedPower.total) / 10
      const others = [
        silent.length > 0 && `silent or behind: ${silent.join(', ')}`,
        refuted.length > 0 && `refuted: ${refuted.join(', ')}`,
      ]
      const confirmed = [`confirmed by ${agreed.join(', ')}`, ...others.filter(Boolean)].join('; ')
      const words = `verified ${told.height} ${told.hash} of ${told.time}, signed by at least ${share} %, ${confirmed}`
      console.log(json ? JSON.stringify(told) : words)
    },
    refusal(error) {
      clear()
      const { code, message, expected, actual } = error
      const told = { kind: 'refused', code, message, expected, actual }
      if (json) console.log(JSON.stringify(told))
      else console.error(`${message} (${code}${actual === undefined ? '' : `: ${actual}`})`)
    },
    evidence(found, contradictions) {
      for (const told of contradictions.map(tellContradiction)) {
        if (json) console.log(JSON.stringify(told))
        else console.error(contradictionWords(told))
      }
      for (const { id, takenBy } of found) {
        if (json) console.log(JSON.stringify({ kind: 'evidence', id, takenBy }))
        else console.error(`evidence ${id}, taken by ${takenBy.length === 0 ? 'nobody' : takenBy.join(', ')}`)
      }
    },
    done: clear,
  }
}

type ToldContradiction = {
  readonly kind: 'contradiction'
  readonly attack: string
  readonly blocks: readonly { readonly height: string; readonly hash: string; readonly source: string }[]
  readonly signedBoth: readonly string[]
  readonly sentTo: readonly string[]
  readonly takenBy: readonly string[]
}

function tellContradiction({ kind, blocks, signedBoth, sentTo, takenBy }: Contradiction): ToldContradiction {
  return {
    kind: 'contradiction',
    attack: kind,
    blocks: blocks.map(({ height, hash, source }) => ({ height: String(height), hash: formatHex(hash), source })),
    signedBoth: signedBoth.map(address => formatHex(address).toUpperCase()),
    sentTo,
    takenBy,
  }
}

function contradictionWords({ attack, blocks, signedBoth, sentTo, takenBy }: ToldContradiction): string {
  const listed = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.join(', '))
  return [
    ...blocks.map(({ height, hash, source }) => `  block ${height} is ${hash}, says ${source}`),
    `  ${attack}; signed under both: ${listed(signedBoth)}`,
    `  evidence sent to ${listed(sentTo)}; taken by ${listed(takenBy)}`,
  ].join('\n')
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}

function addressOf(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new UsageError(`${text} is no http address.`)
  return text
}

function heightOf(text: string): bigint {
  if (!/^[1-9][0-9]{0,18}$/.test(text)) throw new UsageError(`${text} is no height.`)
  return BigInt(text)
}

function hashOf(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new UsageError('--hash takes 64 hexadecimal digits.')
  return parseHex(text.toLowerCase())
}

function periodOf(text: string): bigint {
  const units: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3_600n, d: 86_400n }
  const [, count, unit] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new UsageError(`${text} is no period; write 168h, or 14d.`)
  return BigInt(count) * units[unit!]! * 1_000_000_000n
}

function levelOf(text: string): TrustLevel {
  const [, numerator, denominator] = /^([1-9][0-9]{0,3})\/([1-9][0-9]{0,3})$/.exec(text) ?? []
  const level = { numerator: BigInt(numerator ?? 0), denominator: BigInt(denominator ?? 1) }
  const isLevel = level.numerator * 3n >= level.denominator && level.numerator < level.denominator
  if (!isLevel) throw new UsageError(`${text} is no trust level; it lies from 1/3 up to less than 1.`)
  return level
}

// The bars of the crypto engine, and the table that says where it stands.

import { ourModules } from './engine.ts'

/** A line of bench/results/crypto.json. */
export type CryptoRow = {
  readonly workload: string
  readonly contender: string
  readonly runtime: 'node' | 'chromium'
  /** Their time / ours, by the medians; of `bytes`: the bytes. */
  readonly ratio: number
  /** Interquartile range of the ratios of the alternations / their median; 0 for `bytes`. */
  readonly spread: number
}

type Bar = { readonly must: number; readonly aim: number }

/** By workload, contender and runtime. */
const bars: Readonly<Record<string, Bar>> = {
  'chain-1000x100 node-crypto node': { must: 20, aim: 28 },
  'chain-1000x100 libsodium node': { must: 20, aim: 28 },
  'chain-1000x100 voi-go node': { must: 1.8, aim: 2.6 },
  'chain-1000x100 noble node': { must: 200, aim: 350 },
  'chain-1000x100 noble chromium': { must: 70, aim: 120 },
  'chain-1000x100 webcrypto chromium': { must: 9, aim: 12 },
  'commit-150-cached node-crypto node': { must: 8.5, aim: 12 },
  'commit-150-cached voi-go node': { must: 1.15, aim: 1.6 },
  'commit-150-cached webcrypto chromium': { must: 3.5, aim: 4.5 },
  'commit-150-new node-crypto node': { must: 5, aim: 7 },
  'single-cached node-crypto node': { must: 5.5, aim: 8 },
  'single-cached webcrypto chromium': { must: 2.5, aim: 3.3 },
  'single-new node-crypto node': { must: 1.6, aim: 2.5 },
  'sha256-64 as-sha256 node': { must: 1.6, aim: 1.8 },
  'sha256-64 noble node': { must: 6, aim: 7.2 },
  'rfc6962-1m node-crypto node': { must: 8, aim: 10 },
  'workers-2 one-worker chromium': { must: 1.6, aim: 1.8 },
  'wasm-brotli-ed25519 bytes node': { must: 12_000, aim: 9_000 },
  'wasm-brotli-hash bytes node': { must: 8_000, aim: 6_000 },
}

/** What the module without relaxed operations must reach of the other's figure. */
const simdShare: Bar = { must: 0.4, aim: 0.5 }

/** The printed line of a row: `must` and `aim` are empty where no bar was set. */
export type TableLine = Readonly<Record<'workload' | 'contender' | 'runtime' | 'verdict', string>> &
  Readonly<Record<'ratio' | 'spread' | 'must' | 'aim', number | ''>>

export function tableOf(rows: readonly CryptoRow[]): readonly TableLine[] {
  return rows.map(row => {
    const bar = barOf(row, rows)
    return { ...row, must: rounded(bar?.must), aim: rounded(bar?.aim), verdict: verdictOf(row, bar) }
  })
}

function barOf(row: CryptoRow, rows: readonly CryptoRow[]): Bar | undefined {
  const { suffix } = ourModules[1]
  if (!row.workload.endsWith(suffix)) return bars[keyOf(row)]
  const workload = row.workload.slice(0, -suffix.length)
  const relaxed = rows.find(other => keyOf(other) === keyOf({ ...row, workload }))
  if (relaxed === undefined || bars[keyOf(relaxed)] === undefined) return undefined
  return { must: simdShare.must * relaxed.ratio, aim: simdShare.aim * relaxed.ratio }
}

function verdictOf({ contender, ratio }: CryptoRow, bar: Bar | undefined): string {
  const sizes = contender === 'bytes'
  const reaches = (figure: number): boolean => (sizes ? ratio <= figure : ratio >= figure)
  const place = !sizes && ratio < 1 ? ', they are faster' : ''
  if (bar === undefined) return `no bar${place}`
  return `${reaches(bar.aim) ? 'aim' : reaches(bar.must) ? 'must' : 'MISSED'}${place}`
}

function keyOf({ workload, contender, runtime }: Pick<CryptoRow, 'workload' | 'contender' | 'runtime'>): string {
  return `${workload} ${contender} ${runtime}`
}

function rounded(figure: number | undefined): number | '' {
  return figure === undefined ? '' : Math.round(figure * 100) / 100
}

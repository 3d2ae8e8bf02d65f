// The bars of the light client, and the table that says where it stands.

/** A line of bench/results/light.json. */
export type LightRow = {
  readonly workload: string
  readonly contender: 'cometbft-go' | 'cometbft-go-rpc'
  readonly runtime: 'node' | 'chromium'
  /** Of work: their time / ours, by the medians. Of requests and bytes: ours / theirs. */
  readonly ratio: number
  /** Interquartile range of the ratios of the alternations / their median; 0 for what is counted. */
  readonly spread: number
}

/** `most`: what is counted, and should be few. */
type Bar = { readonly kind: 'least' | 'most'; readonly must: number; readonly aim: number }

/** By workload and contender. */
const bars: Readonly<Record<string, Bar>> = {
  'adjacent-1000x100 cometbft-go': { kind: 'least', must: 1.5, aim: 2.5 },
  'adjacent-1x150 cometbft-go': { kind: 'least', must: 1, aim: 1.3 },
  // Fewer than theirs: 1 itself is not.
  'skip-1m cometbft-go': { kind: 'most', must: 0.999, aim: 0.5 },
  'bytes-per-header-150 cometbft-go': { kind: 'most', must: 0.6, aim: 0.45 },
}

/** The printed line of a row: `must` and `aim` are empty where no bar was set. */
export type TableLine = Readonly<Record<'workload' | 'contender' | 'runtime' | 'verdict', string>> &
  Readonly<Record<'ratio' | 'spread' | 'must' | 'aim', number | ''>>

export function tableOf(rows: readonly LightRow[]): readonly TableLine[] {
  return rows.map(row => {
    const bar = bars[`${row.workload} ${row.contender}`]
    return { ...row, must: bar?.must ?? '', aim: bar?.aim ?? '', verdict: verdictOf(row, bar) }
  })
}

function verdictOf({ ratio }: LightRow, bar: Bar | undefined): string {
  if (bar === undefined) return 'no bar'
  const reaches = (figure: number): boolean => (bar.kind === 'least' ? ratio >= figure : ratio <= figure)
  return reaches(bar.aim) ? 'aim' : reaches(bar.must) ? 'must' : 'MISSED'
}

// `npm run bench -- light [WORKLOAD…]`: our light client beside CometBFT's own, a Go program that times itself, against the
// bars of bench/light/bars.ts. What is timed alternates in one run, each contender three times in a row, of which the last
// counts; in every call the blocks are decoded anew before the clock runs. ALTERNATIONS says how many (30); a run of fewer, or
// of some workloads only, is not a result and is written beside it.

import { availableParallelism, cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
// @ts-expect-error: a script without types.
import { runNode } from '../scripts/run.mjs'
import { loadCrypto } from '../sdk/src/crypto/load.ts'
import { alternate, type Contender, type Times } from './crypto/contender.ts'
import { compareTimes, quantile } from './crypto/statistics.ts'
import { type LightRow, tableOf } from './light/bars.ts'
import { type LightBenchBrowser, openBrowser } from './light/browser.ts'
import { createLazyChain } from './light/chain.ts'
import { buildCometBft, type CometBft, openCometBft } from './light/cometbft.ts'
import { checkFollower, type Followed, type Follower, openOurs } from './light/follower.ts'
import { measureSizes } from './light/sizes.ts'
import { countSkips } from './light/skip.ts'
import type { Outcome } from './run.ts'

const alternationsMin = 30
const alternations = Number(process.env.ALTERNATIONS ?? alternationsMin)

type AdjacentWorkload = {
  readonly name: string
  readonly headers: number
  readonly validators: number
  readonly oneByOne: boolean
}

const adjacentWorkloads: readonly AdjacentWorkload[] = [
  { name: 'adjacent-1000x100', headers: 1_000, validators: 100, oneByOne: false },
  // Twenty in a call, each verified before the next is looked at, so that a call is longer than a clock's errors.
  { name: 'adjacent-1x150', headers: 20, validators: 150, oneByOne: true },
]

const skipWorkload = 'skip-1m'
const skipTarget = 1_000_000
const skipValidators = 100
/** After so many heights one validator of a hundred is another. The first is the one of the rows, the others are told. */
const rotations = [2_000, 500, 1_000, 5_000, 10_000]

const sizesWorkload = 'bytes-per-header-150'

type Measured = { readonly rows: readonly LightRow[]; readonly notes: readonly string[] }

export async function measureLight(only: readonly string[]): Promise<Outcome> {
  const began = performance.now()
  const names = [...adjacentWorkloads.map(({ name }) => name), skipWorkload, sizesWorkload]
  if (only.some(name => !names.includes(name))) throw new Error(`Workloads: ${names.join(', ')}`)
  if (!Number.isInteger(alternations) || alternations < 1) throw new Error('ALTERNATIONS is a number from 1')
  if ((await runNode(['scripts/build-assembly.mjs'])) !== 0) throw new Error('assembly/ does not compile')
  const built = await buildCometBft()
  if ('missing' in built) throw new Error(`there is nothing to compare with: ${built.missing}`)
  exposeGarbageCollector()
  const isWanted = (name: string): boolean => only.length === 0 || only.includes(name)
  const browser = await openBrowser()
  const cometBft = openCometBft(built.path)
  const measured: Measured[] = []
  try {
    for (const workload of adjacentWorkloads.filter(({ name }) => isWanted(name)))
      measured.push(await measureAdjacent(workload, { cometBft, browser }))
    if (isWanted(skipWorkload)) measured.push(await measureSkips(cometBft))
    if (isWanted(sizesWorkload)) measured.push(await measureBytes(cometBft))
  } finally {
    cometBft.close()
    await browser?.close()
  }
  const rows = measured.flatMap(each => each.rows)
  const minutes = ((performance.now() - began) / 60_000).toFixed(1)
  return {
    rows,
    table: tableOf(rows),
    notes: [
      ...measured.flatMap(each => each.notes),
      ...(browser === undefined ? ['All rows of chromium were left out: no Chromium is installed.'] : []),
      `${alternations} alternations in ${minutes} min; Node ${process.versions.node}; ${browser?.name ?? 'no browser'}; ` +
        `${cpus()[0]?.model}, ${availableParallelism()} cores.`,
    ],
    isWhole: only.length === 0 && alternations >= alternationsMin && browser !== undefined,
  }
}

/** What a program decoded before its clock runs is collected before it runs too: the Go program does the same. */
function exposeGarbageCollector(): void {
  setFlagsFromString('--expose-gc')
  Object.assign(globalThis, { gc: runInNewContext('gc') })
}

async function measureAdjacent(
  { name, headers, validators, oneByOne }: AdjacentWorkload,
  { cometBft, browser }: { readonly cometBft: CometBft; readonly browser: LightBenchBrowser | undefined },
): Promise<Measured> {
  console.log(`${name}, since ${new Date().toLocaleTimeString()} …`)
  const chain = createLazyChain({ validators, rotateEvery: 0, salt: name })
  const encoded = Array.from({ length: headers + 1 }, (_, i) => chain.encodedBlock(i + 1))
  const ours = await openOurs('node', { oneByOne })
  const page = await browser?.open({ oneByOne })
  const times: Times[] = []
  try {
    const theirs = followerOf(cometBft, headers)
    await checkFollower(ours, encoded)
    await checkFollower(theirs, encoded)
    await page?.check(encoded)
    const contenders = [ours, theirs, ...(page ? [{ name: 'chromium', follow: page.follow }] : [])].map(contenderOf)
    for (let i = 0; i < alternations; i++) times.push(await alternate(contenders, [undefined]))
  } finally {
    ours.close()
    await page?.close()
  }
  const timesOf = (contender: string): number[] => times.map(each => each[contender]!)
  const runtimes = page ? (['node', 'chromium'] as const) : (['node'] as const)
  const rows = runtimes.map((runtime): LightRow => {
    const { ratio, spread } = compareTimes(timesOf('cometbft-go'), timesOf(runtime))
    return { workload: name, contender: 'cometbft-go', runtime, ratio: rounded(ratio), spread: rounded(spread) }
  })
  const figures = Object.keys(times[0]!).map(
    contender => `${contender} ${(quantile(timesOf(contender), 0.5) * 1e6).toPrecision(3)}`,
  )
  return { rows, notes: [`${name}, µs a header: ${figures.join(', ')}`] }
}

/** CometBFT's program, as what it is compared with. */
function followerOf(cometBft: CometBft, headers: number): Follower {
  return {
    name: 'cometbft-go',
    load: cometBft.load,
    follow: async () => {
      const { nanoseconds, good } = await cometBft.adjacent()
      return { secondsPerHeader: nanoseconds / 1e9 / headers, good }
    },
    close: () => {},
  }
}

function contenderOf({
  name,
  follow,
}: {
  readonly name: string
  readonly follow: () => Promise<Followed>
}): Contender<undefined> {
  return {
    name,
    run: async () => {
      const { secondsPerHeader, good } = await follow()
      if (!good) throw new Error(`${name} refuses a good chain`)
      return secondsPerHeader
    },
  }
}

async function measureSkips(cometBft: CometBft): Promise<Measured> {
  console.log(`${skipWorkload}, since ${new Date().toLocaleTimeString()} …`)
  const crypto = await loadCrypto()
  const rows: LightRow[] = []
  const notes: string[] = []
  for (const rotateEvery of rotations) {
    const plan = { validators: skipValidators, rotateEvery, salt: skipWorkload }
    const { ours, withoutHints, theirs, paths } = await countSkips({ plan, target: skipTarget }, { crypto, cometBft })
    if (rotateEvery === rotations[0]) {
      rows.push(counted(skipWorkload, 'cometbft-go', ours / theirs))
      rows.push(counted(`${skipWorkload}-no-hint`, 'cometbft-go', withoutHints / theirs))
    }
    notes.push(
      `${skipWorkload}, one of ${skipValidators} equal validators another every ${rotateEvery} heights, light blocks asked of ` +
        `the primary: ours ${ours} (and ${paths} paths), without hints ${withoutHints}, cometbft-go ${theirs}`,
    )
  }
  crypto.close()
  return { rows, notes }
}

async function measureBytes(cometBft: CometBft): Promise<Measured> {
  console.log(`${sizesWorkload}, since ${new Date().toLocaleTimeString()} …`)
  const crypto = await loadCrypto()
  const { ours, proto, rpc } = await measureSizes(cometBft, crypto)
  crypto.close()
  return {
    rows: [counted(sizesWorkload, 'cometbft-go', ours / proto), counted(sizesWorkload, 'cometbft-go-rpc', ours / rpc)],
    notes: [
      `${sizesWorkload}, bytes: ours ${ours.toFixed(0)}, LightBlock in protobuf ${proto.toFixed(0)}, RPC's JSON ${rpc.toFixed(0)}`,
    ],
  }
}

function counted(workload: string, contender: LightRow['contender'], ratio: number): LightRow {
  return { workload, contender, runtime: 'node', ratio: rounded(ratio), spread: 0 }
}

function rounded(figure: number): number {
  return Number(figure.toPrecision(4))
}

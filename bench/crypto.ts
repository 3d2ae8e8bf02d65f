// `npm run bench -- crypto [WORKLOAD…]`: the crypto engine beside what else checks signatures and hashes, in Node and in
// Chromium, against the bars of bench/crypto/bars.ts. All that is compared with us alternates with us in one run, in each
// alternation on fresh messages; caches are keyed by public key only. ALTERNATIONS says how many (30); a run of fewer, or
// of some workloads only, is not a result and is written beside it.

import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
// @ts-expect-error: a script without types.
import { runNode } from '../scripts/run.mjs'
import { type CryptoRow, tableOf } from './crypto/bars.ts'
import { type BenchBrowser, openBrowser } from './crypto/browser.ts'
import { alternate, type Times } from './crypto/contender.ts'
import { ourModules } from './crypto/engine.ts'
import { type HashWorkload, sha256Workload, treeWorkload } from './crypto/hashing.ts'
import { createLane } from './crypto/lane.ts'
import { openNodeContenders } from './crypto/node-contenders.ts'
import { createSigner, type Signer } from './crypto/signing.ts'
import { compareTimes, quantile } from './crypto/statistics.ts'
import { buildVoi } from './crypto/voi.ts'
import { type SignatureWorkload, signatureWorkloads } from './crypto/workloads.ts'
import type { Outcome } from './run.ts'

const alternationsMin = 30
const alternations = Number(process.env.ALTERNATIONS ?? alternationsMin)

/** An alternation after the other; the times of one workload in one runtime. */
type Measured = { readonly workload: string; readonly runtime: CryptoRow['runtime']; readonly times: readonly Times[] }

export async function measureCrypto(only: readonly string[]): Promise<Outcome> {
  const began = performance.now()
  const names = [...signatureWorkloads, sha256Workload, treeWorkload].map(({ name }) => name)
  if (only.some(name => !names.includes(name))) throw new Error(`Workloads: ${names.join(', ')}`)
  if (!Number.isInteger(alternations) || alternations < 1) throw new Error('ALTERNATIONS is a number from 1')
  if ((await runNode(['scripts/build-assembly.mjs'])) !== 0) throw new Error('assembly/ does not compile')
  const wanted = ({ name }: { readonly name: string }): boolean => only.length === 0 || only.includes(name)
  const voi = await buildVoi()
  const browser = await openBrowser()
  const signer = createSigner()
  const measured: Measured[] = []
  try {
    for (const workload of signatureWorkloads.filter(wanted)) {
      measured.push(
        ...(await measureSignatures(workload, { signer, browser, voi: 'path' in voi ? voi.path : undefined })),
      )
    }
    if (wanted(sha256Workload)) measured.push(await measureHashes(sha256Workload))
    if (wanted(treeWorkload)) measured.push(await measureHashes(treeWorkload))
  } finally {
    await signer.close()
    await browser?.close()
  }
  const rows = [...measured.flatMap(rowsOf), ...(only.length === 0 ? sizeRows() : [])]
  const minutes = ((performance.now() - began) / 60_000).toFixed(1)
  return {
    rows,
    table: tableOf(rows),
    notes: [
      ...measured.map(medians),
      ...('missing' in voi ? [`voi-go was left out: ${voi.missing}.`] : []),
      ...(browser === undefined ? ['All rows of chromium were left out: no Chromium is installed.'] : []),
      `${alternations} alternations in ${minutes} min; Node ${process.versions.node}; ${browser?.name ?? 'no browser'}; ` +
        `${cpus()[0]?.model}, ${availableParallelism()} cores.`,
    ],
    isWhole: only.length === 0 && alternations >= alternationsMin,
  }
}

/** Node and the page take turns too, so that one set of signatures serves both. */
async function measureSignatures(
  workload: SignatureWorkload,
  {
    signer,
    browser,
    voi,
  }: { readonly signer: Signer; readonly browser: BenchBrowser | undefined; readonly voi: string | undefined },
): Promise<readonly Measured[]> {
  console.log(`${workload.name}, since ${new Date().toLocaleTimeString()} …`)
  const node = createLane(workload, await openNodeContenders(workload, voi))
  const page = await browser?.open(workload)
  const times: { readonly node: Times[]; readonly chromium: Times[] } = { node: [], chromium: [] }
  try {
    const first = await signer.sign(workload, Math.min(workload.headers, 20))
    await node.check(first.items)
    await page?.check(first)
    for (let i = 0; i < alternations; i++) {
      const sample = await signer.sign(workload)
      times.node.push(await node.measure(sample.items))
      if (page) times.chromium.push(await page.measure(sample))
    }
  } finally {
    node.close()
    await page?.close()
  }
  const runtimes = page ? (['node', 'chromium'] as const) : (['node'] as const)
  return runtimes.map(runtime => ({ workload: workload.name, runtime, times: times[runtime] }))
}

async function measureHashes<Call>({ name, open, nextCall }: HashWorkload<Call>): Promise<Measured> {
  console.log(`${name}, since ${new Date().toLocaleTimeString()} …`)
  const contenders = await open()
  const times: Times[] = []
  for (let i = 0; i < alternations; i++) times.push(await alternate(contenders, [nextCall()]))
  for (const contender of contenders) contender.close?.()
  return { workload: name, runtime: 'node', times }
}

/** Every contender against each of our modules; and two workers, which stand beside the chain, against one. */
function rowsOf({ workload, runtime, times }: Measured): readonly CryptoRow[] {
  const workers = ['one-worker', 'two-workers']
  const timesOf = (name: string): number[] => times.map(each => each[name]!)
  const names = Object.keys(times[0]!)
  const modules = ourModules.filter(({ name }) => names.includes(name))
  const others = names.filter(name => !workers.includes(name) && !modules.some(module => module.name === name))
  const rows = modules.flatMap(({ name, suffix }) =>
    others.map(contender => ({
      workload: `${workload}${suffix}`,
      contender,
      runtime,
      ...rounded(compareTimes(timesOf(contender), timesOf(name))),
    })),
  )
  if (!workers.every(name => names.includes(name))) return rows
  const gain = rounded(compareTimes(timesOf('one-worker'), timesOf('two-workers')))
  return [...rows, { workload: 'workers-2', contender: 'one-worker', runtime, ...gain }]
}

function rounded({ ratio, spread }: ReturnType<typeof compareTimes>): ReturnType<typeof compareTimes> {
  return { ratio: Number(ratio.toPrecision(4)), spread: Number(spread.toFixed(3)) }
}

/** Microseconds a signature or hash, for who wants to know what the ratios are made of. */
function medians({ workload, runtime, times }: Measured): string {
  const figures = Object.keys(times[0]!).map(name => {
    const median = quantile(
      times.map(each => each[name]!),
      0.5,
    )
    return `${name} ${(median * 1e6).toPrecision(3)}`
  })
  return `${workload}, ${runtime}, µs each: ${figures.join(', ')}`
}

/** The bytes of the modules as brotli packs them; of the two for signatures a page loads one, so the larger counts. */
function sizeRows(): readonly CryptoRow[] {
  const modules = { 'wasm-brotli-ed25519': ['ed25519-fma', 'ed25519-simd'], 'wasm-brotli-hash': ['hash'] }
  return Object.entries(modules).flatMap(([workload, names]) => {
    const paths = names.map(name => join(import.meta.dirname, '..', 'build', `${name}.wasm`))
    if (!paths.every(existsSync)) {
      console.log(`${workload} was left out: build/ lacks ${names.join('.wasm or ')}.wasm.`)
      return []
    }
    const ratio = Math.max(...paths.map(path => brotliCompressSync(readFileSync(path)).length))
    return [{ workload, contender: 'bytes', runtime: 'node', ratio, spread: 0 }]
  })
}

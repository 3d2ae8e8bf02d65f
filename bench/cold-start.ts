// `npm run bench -- cold-start`: from a checkpoint of a month ago to a verified record on a node of this machine, in Chromium, in
// parts: medians of cold page loads, each in a context of its own. LOADS says how many of each kind (15); a run of fewer is not
// a result and is written beside it. Nothing is compared, so what counts is which part is large.

import { availableParallelism, cpus } from 'node:os'
// @ts-expect-error: a script without types.
import { runNode } from '../scripts/run.mjs'
import { type ColdStartBrowser, openColdStartBrowser } from './cold-start/browser.ts'
import { type OldNetworkPlan, startOldNetwork } from './cold-start/network.ts'
import type { ColdStartFigures } from './cold-start/page.ts'
import { quantile } from './crypto/statistics.ts'
import type { Outcome, Row } from './run.ts'

const loadsMin = 15
const loads = Number(process.env.LOADS ?? loadsMin)

const plans: readonly OldNetworkPlan[] = [
  { validators: 4, replaced: 0, witnessed: true },
  { validators: 100, replaced: 20, witnessed: true },
]
const parts = ['script', 'loadCrypto', 'dial', 'network', 'crypto', 'storage', 'check', 'total'] as const

export async function measureColdStart(): Promise<Outcome> {
  if (!Number.isInteger(loads) || loads < 1) throw new Error('LOADS is a number from 1')
  if ((await runNode(['scripts/build-assembly.mjs'])) !== 0) throw new Error('assembly/ does not compile')
  const browser = await openColdStartBrowser()
  if (browser === undefined) throw new Error('no Chromium is installed')
  const rows: Row[] = []
  try {
    for (const plan of plans)
      for (const transport of ['http', 'webrtc'] as const) rows.push(await measure(plan, transport, browser))
  } finally {
    await browser.close()
  }
  return {
    rows,
    notes: [
      'Milliseconds, medians. network, crypto and storage: while at least one call was running, after the dial; they overlap.',
      `${loads} cold loads of each kind; ${browser.name}; ${cpus()[0]?.model}, ${availableParallelism()} cores.`,
    ],
    isWhole: loads >= loadsMin,
  }
}

async function measure(plan: OldNetworkPlan, transport: 'http' | 'webrtc', browser: ColdStartBrowser): Promise<Row> {
  const network = await startOldNetwork(plan)
  const seen: ColdStartFigures[] = []
  try {
    // The first one warms the server up, not the page.
    for (let load = 0; load <= loads; load++) {
      const figures = await browser.start({ network, transport, latencyMs: 0 })
      if (load > 0) seen.push(figures)
    }
  } finally {
    await network.close()
  }
  const medians = parts.map(
    part =>
      [
        part,
        rounded(
          quantile(
            seen.map(each => each[part]),
            0.5,
          ),
        ),
      ] as const,
  )
  return { validators: plan.validators, transport, questions: seen[0]!.questions, ...Object.fromEntries(medians) }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}

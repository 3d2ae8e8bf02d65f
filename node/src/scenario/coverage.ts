// What scenarios showed of a procedure: every step taken, every guard seen open and seen closed, every link followed.

import { type Procedure, stepGuards } from '@muniment/sdk'
import type { Seen } from './play.ts'

export type Coverage = {
  readonly steps: number
  readonly stepsMissing: number
  readonly guards: number
  readonly guardsMissing: number
  readonly links: number
  readonly linksMissing: number
  /** One sentence each for what was not seen. */
  readonly missing: readonly string[]
}

export function coverageOf({ service, steps, links }: Procedure, seen: Seen): Coverage {
  const family = service.id.split('@')[0]!
  // A look is an act of the service as its steps are.
  const names = [...Object.keys(steps), ...Object.keys(service.looks)]
  const untaken = names.filter(name => !seen.taken.has(`${family}/${name}`))
  const guards = Object.entries(steps).flatMap(([name, step]) =>
    stepGuards(step).map(guard => `${family}/${name}/${guard}`),
  )
  const neverOpen = guards.filter(guard => !seen.open.has(guard))
  const neverClosed = guards.filter(guard => !seen.closed.has(guard))
  return {
    steps: names.length,
    stepsMissing: untaken.length,
    guards: guards.length,
    guardsMissing: new Set([...neverOpen, ...neverClosed]).size,
    links: links.length,
    linksMissing: links.filter(({ step }) => untaken.includes(step)).length,
    missing: [
      ...untaken.map(name => `no scenario takes the step ${family}/${name}`),
      ...neverOpen.map(guard => `no scenario sees the guard ${guard} open`),
      ...neverClosed.map(guard => `no scenario sees the guard ${guard} closed`),
    ],
  }
}

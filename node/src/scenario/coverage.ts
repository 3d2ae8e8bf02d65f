// What scenarios showed of a procedure: every step taken, every guard seen open and seen closed.

import { type Procedure, stepGuards } from '@muniment/sdk'
import type { Seen } from './play.ts'

export type Coverage = {
  readonly steps: number
  readonly guards: number
  readonly links: number
  /** One sentence each for what was not seen. */
  readonly missing: readonly string[]
}

export function coverageOf({ service, steps, links }: Procedure, seen: Seen): Coverage {
  const family = service.id.split('@')[0]!
  const missing: string[] = []
  let guards = 0
  for (const [name, step] of Object.entries(steps)) {
    const at = `${family}/${name}`
    if (!seen.taken.has(at)) missing.push(`no scenario takes the step ${at}`)
    for (const guard of stepGuards(step)) {
      guards += 1
      if (!seen.open.has(`${at}/${guard}`)) missing.push(`no scenario sees the guard ${at}/${guard} open`)
      if (!seen.closed.has(`${at}/${guard}`)) missing.push(`no scenario sees the guard ${at}/${guard} closed`)
    }
  }
  return { steps: Object.keys(steps).length, guards, links: links.length, missing }
}

// What time it is. Chains that were begun with `manual_clock` may be told, so that stories of years play in a minute; every other
// chain takes the machine's clock, and nothing changes that later.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isObject, type JsonObject, parseJson } from '@muniment/sdk'
import { HomeError } from './home-error.ts'

export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Undefined for the machine's own. Answers the time then. */
  readonly advance: ((seconds: number) => number) | undefined
}

export const systemClock: Clock = { now: Date.now, advance: undefined }

/** Whether a chain was begun as one whose clock may be told. */
export function isManualChain({ app_state: state }: JsonObject): boolean {
  return isObject(state) && state.manual_clock === true
}

/** A clock that was told goes on from there after a restart: blocks never go back. `file` keeps how far it is ahead. */
export function openManualClock(file: string): Clock {
  let aheadMs = readAhead(file)
  return {
    now: () => Date.now() + aheadMs,
    advance(seconds) {
      aheadMs += seconds * 1_000
      writeFileSync(`${file}.new`, JSON.stringify({ aheadSeconds: aheadMs / 1_000 }))
      renameSync(`${file}.new`, file)
      return Date.now() + aheadMs
    },
  }
}

function readAhead(file: string): number {
  try {
    const json = parseJson(readFileSync(file, 'utf8'))
    if (isObject(json) && typeof json.aheadSeconds === 'number' && json.aheadSeconds >= 0)
      return json.aheadSeconds * 1_000
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return 0
  }
  throw new HomeError('file-malformed', `The clock in ${file} can't be read.`)
}

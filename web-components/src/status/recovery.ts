// How the replacement of an account's keys stands, and how it ended. The ledger keeps one that is under way and what came of it, but not that
// one was stopped: that is said where this browser has seen it under way.

import {
  type AccountEntry,
  accountEntry,
  accountKey,
  type Client,
  compareTime,
  equals,
  formatHex,
  isObject,
  type Json,
  parseProposal,
  type Timestamp,
} from '@muniment/sdk'
import { formatCount } from '../format.ts'
import { publicFactsMessages } from '../messages/public-facts.ts'
import { withKeys } from '../sign/store.ts'
import { fill } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { provenBy } from './proven.ts'
import { dateText, item, type Section, warning } from './section.ts'

export type RecoveryFacts = {
  readonly state: 'none' | 'running' | 'ready' | 'done' | 'cancelled' | 'expired'
  /** Of the block in which the keys were replaced, or of the newest. */
  readonly height: bigint
  /** From when on the new key can take over. */
  readonly readyTime: Timestamp | undefined
}

/** What this browser saw before, or has begun itself. */
export type SeenBefore = {
  /** When the recovery began that was under way then. */
  readonly startedHeight: bigint | undefined
  /** The first block in which what the guardians were asked to sign counts no more. */
  readonly askedUntil: bigint | undefined
}

/** Undefined: it is proved that there is no such account. Rejects with VerifyError. */
export async function readRecovery(
  client: Client,
  account: Uint8Array,
  signal: AbortSignal,
): Promise<RecoveryFacts | undefined> {
  const { read, height, time } = provenBy(client, signal)
  const [held] = await read([accountKey(client.crypto, account)])
  if (!held) return undefined
  const entry = accountEntry.decode(held)
  const seen = { startedHeight: loadSeen(client, account), askedUntil: await loadAsked(client, account) }
  const facts = judgeRecovery(entry, seen, { height: height(), time: time() })
  if (facts.state === 'running' || facts.state === 'ready') saveSeen(client, account, entry.recovery!.startedHeight)
  return facts
}

/** As an account's entry says it under a block of this height and time. */
export function judgeRecovery(
  { recovery, delegationsEndedHeight }: Pick<AccountEntry, 'recovery' | 'delegationsEndedHeight'>,
  { startedHeight, askedUntil }: SeenBefore,
  now: { readonly height: bigint; readonly time: Timestamp },
): RecoveryFacts {
  if (recovery) {
    const { readyTime } = recovery
    return { state: compareTime(now.time, readyTime) < 0 ? 'running' : 'ready', height: now.height, readyTime }
  }
  // Nothing else ends all delegations (node/src/ledger/control.ts, finishRecovery).
  if (delegationsEndedHeight > (startedHeight ?? 0n))
    return { state: 'done', height: delegationsEndedHeight, readyTime: undefined }
  const none = { height: now.height, readyTime: undefined }
  if (startedHeight !== undefined) return { state: 'cancelled', ...none }
  if (askedUntil !== undefined && now.height > askedUntil) return { state: 'expired', ...none }
  return { state: 'none', ...none }
}

export function recoverySections(facts: RecoveryFacts, words: Words): readonly Section[] {
  const texts = publicFactsMessages(words.language)
  const { state, height, readyTime } = facts
  const text = {
    none: texts.recoveryNone,
    running: texts.recoveryRunning,
    ready: texts.recoveryReady,
    done: texts.recoveryDone,
    cancelled: texts.recoveryCancelled,
    expired: texts.recoveryExpired,
  }[state]
  const date = readyTime ? dateText(readyTime, words) : ''
  const line = fill(text, { date, height: formatCount(height, words.language) })
  return [
    {
      name: 'recovery',
      heading: '',
      items: [state === 'running' || state === 'ready' ? warning(line) : item(line)],
    },
  ]
}

const nameOf = ({ root }: Client, account: Uint8Array): string =>
  `muniment-recovery ${root.chainId} ${formatHex(account)}`

/** A browser that keeps nothing for a page has seen nothing. */
function loadSeen(client: Client, account: Uint8Array): bigint | undefined {
  try {
    const kept = localStorage.getItem(nameOf(client, account)) ?? ''
    return /^[1-9][0-9]{0,17}$/.test(kept) ? BigInt(kept) : undefined
  } catch {
    return undefined
  }
}

function saveSeen(client: Client, account: Uint8Array, startedHeight: bigint): void {
  try {
    localStorage.setItem(nameOf(client, account), String(startedHeight))
  } catch {
    // It is then not told apart from none later on.
  }
}

/** Of a recovery that this browser has begun (sign/recovery.ts). */
async function loadAsked({ root }: Client, account: Uint8Array): Promise<bigint | undefined> {
  try {
    const begun = await withKeys(database => database.get('keys', `recovery ${root.chainId}`))
    if (!isObject(begun as Json)) return undefined
    const { account: own, proposal } = begun as { readonly account?: unknown; readonly proposal?: unknown }
    if (!(own instanceof Uint8Array) || !equals(own, account) || typeof proposal !== 'string') return undefined
    return parseProposal(proposal).body.validUntil
  } catch {
    return undefined
  }
}

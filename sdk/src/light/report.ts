// What was found against validators: kept, and sent until every provider has taken it.

import { formatHex } from '../bytes.ts'
import { type Evidence, evidenceId, isReportable } from '../comet/evidence.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { requestTimeoutMs, storedEvidenceMax } from '../limits.ts'
import type { LightProvider } from '../provider.ts'
import type { Store, StoredEvidence } from '../store.ts'
import type { Timestamp } from '../time.ts'
import { attackKind, byzantineValidators } from './attack.ts'
import { type Contradiction, contradictionOf } from './contradiction.ts'
import type { Conflict } from './detect.ts'
import { blockAt, within } from './providers.ts'

export type Reports = {
  /** Never rejects. */
  readonly keep: (
    conflicts: readonly Conflict[],
    found: { readonly at: Timestamp; readonly hasher: Hasher },
  ) => Promise<void>
  /** Resolves after a round in which all were asked; who did not take it is asked again in the next. Never rejects. */
  readonly send: () => Promise<void>
  /** What was kept in this run, the newest last. */
  readonly contradictions: () => Promise<readonly Contradiction[]>
}

type Options = {
  readonly store: Store
  readonly chainId: string
  readonly providers: readonly LightProvider[]
}

export function createReports({ store, chainId, providers }: Options): Reports {
  const labels = providers.map((provider, i) => provider.label ?? `peer ${i + 1}`)
  /** By the id of the evidence against the primary. */
  const seen = new Map<string, Conflict>()
  let hashing: Hasher | undefined
  let round: Promise<void> | undefined
  let following: Promise<void> | undefined

  async function sendOne(stored: StoredEvidence): Promise<void> {
    const others = providers.map((provider, i) => ({ provider, name: labels[i]! }))
    const waiting = others.filter(({ name }) => !stored.takenBy.includes(name))
    // To all at once: one that never answers keeps it from nobody.
    const took = await Promise.all(waiting.map(({ provider }) => takes(provider, stored.evidence)))
    const takers = waiting.filter((_, i) => took[i]).map(({ name }) => name)
    if (takers.length > 0) await store.putEvidence(chainId, { ...stored, takenBy: [...stored.takenBy, ...takers] })
  }

  async function sendAll(): Promise<void> {
    try {
      const kept = (await store.evidence(chainId)).filter(({ evidence }) => isReportable(evidence))
      await Promise.all(kept.map(sendOne))
    } catch {
      // A store that fails fails again another time.
    }
  }

  function send(): Promise<void> {
    if (round === undefined) {
      round = sendAll().finally(() => {
        round = undefined
      })
      return round
    }
    // What was kept since that round began is in the next, which all who ask meanwhile share.
    following ??= round.then(() => {
      following = undefined
      return send()
    })
    return following
  }

  return {
    async keep(conflicts, { at, hasher }) {
      hashing = hasher
      for (const conflict of conflicts) {
        seen.set(formatHex(evidenceId(conflict.againstPrimary, hasher)), conflict)
        if (seen.size > storedEvidenceMax) seen.delete(seen.keys().next().value!)
      }
      const found = conflicts.flatMap(({ againstPrimary, againstWitness }): Evidence[] =>
        againstWitness === undefined ? [againstPrimary] : [againstPrimary, againstWitness],
      )
      try {
        const known = (await store.evidence(chainId)).map(({ id }) => id)
        for (const evidence of found.slice(0, storedEvidenceMax)) {
          const id = formatHex(evidenceId(evidence, hasher))
          if (!known.includes(id)) await store.putEvidence(chainId, { id, evidence, foundAt: at, takenBy: [] })
        }
      } catch {
        // It is found again as long as the peers disagree.
      }
    },
    send,
    async contradictions() {
      const hasher = hashing
      if (hasher === undefined) return []
      const kept = await store.evidence(chainId).catch(() => [])
      const find = (evidence: Evidence): StoredEvidence | undefined => {
        const id = formatHex(evidenceId(evidence, hasher))
        return kept.find(each => each.id === id)
      }
      return [...seen.values()].map(conflict => contradictionOf(conflict, labels, find))
    },
  }
}

async function takes(provider: LightProvider, evidence: Evidence): Promise<boolean> {
  try {
    await within(requestTimeoutMs, undefined, async signal => {
      await provider.reportEvidence(await asKnownTo(provider, evidence, signal), { signal })
    })
    return true
  } catch {
    return false
  }
}

/**
 * A node takes evidence of equivocation only if it names those whose votes the node has itself for both blocks. Of a block
 * that was the newest when the attack was found, votes have come in since. The provider is not believed for that: what it
 * says decides only on what it is told.
 */
async function asKnownTo(provider: LightProvider, evidence: Evidence, signal: AbortSignal): Promise<Evidence> {
  if (evidence.type !== 'light-client-attack') return evidence
  const { conflictingBlock: conflicting, commonHeight } = evidence
  if (conflicting.header.height !== commonHeight) return evidence
  const trusted = await blockAt(provider, commonHeight, { signal })
  if (attackKind(trusted, conflicting) !== 'equivocation') return evidence
  const named = byzantineValidators('equivocation', { common: trusted, trusted, conflicting })
  return named.length === 0 ? evidence : { ...evidence, byzantineValidators: named }
}

// What was found against validators: kept, and sent until every provider has taken it.

import { formatHex } from '../bytes.ts'
import { type Evidence, evidenceId, isReportable } from '../comet/evidence.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { requestTimeoutMs, storedEvidenceMax } from '../limits.ts'
import type { LightProvider } from '../provider.ts'
import type { Store, StoredEvidence } from '../store.ts'
import type { Timestamp } from '../time.ts'
import type { Conflict } from './detect.ts'
import { within } from './providers.ts'

export type Reports = {
  /** Never rejects. */
  readonly keep: (
    conflicts: readonly Conflict[],
    found: { readonly at: Timestamp; readonly hasher: Hasher },
  ) => Promise<void>
  /** Those that do not take it are asked again at the next call. Never rejects, and does one round at a time. */
  readonly send: () => Promise<void>
}

type Options = {
  readonly store: Store
  readonly chainId: string
  readonly providers: readonly LightProvider[]
}

export function createReports({ store, chainId, providers }: Options): Reports {
  let sending = false

  async function sendOne(stored: StoredEvidence): Promise<void> {
    const others = providers.map((provider, i) => ({ provider, name: provider.label ?? `peer ${i + 1}` }))
    const waiting = others.filter(({ name }) => !stored.takenBy.includes(name))
    // To all at once: one that never answers keeps it from nobody.
    const took = await Promise.all(waiting.map(({ provider }) => takes(provider, stored.evidence)))
    const takers = waiting.filter((_, i) => took[i]).map(({ name }) => name)
    if (takers.length > 0) await store.putEvidence(chainId, { ...stored, takenBy: [...stored.takenBy, ...takers] })
  }

  return {
    async keep(conflicts, { at, hasher }) {
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
    async send() {
      if (sending) return
      sending = true
      try {
        const kept = (await store.evidence(chainId)).filter(({ evidence }) => isReportable(evidence))
        await Promise.all(kept.map(sendOne))
      } catch {
        // A store that fails fails again another time.
      } finally {
        sending = false
      }
    },
  }
}

async function takes(provider: LightProvider, evidence: Evidence): Promise<boolean> {
  try {
    await within(requestTimeoutMs, undefined, signal => provider.reportEvidence(evidence, { signal }))
    return true
  } catch {
    return false
  }
}

// What is told beside a verdict: of two proved blocks what it knows at once, and then who has taken the evidence; and of the case behind a
// record, that its private content was destroyed.

import type { Client, Contradiction, Verdict } from '@muniment/sdk'
import { html, type TemplateResult } from 'lit'
import type { Words } from './describe.ts'

export type Told = {
  /** Loads the words for it; a contradiction the verdict says in its own sentence too. */
  readonly tell: (verdict: Verdict, input: string | Uint8Array) => void
  readonly clear: () => void
  readonly render: (words: Words) => TemplateResult | undefined
}

type Options = {
  readonly client: () => Promise<Client | undefined>
  /** There is more to show, and perhaps something to say. */
  readonly changed: (notice?: (words: Words) => string) => void
}

export function createTold({ client, changed }: Options): Told {
  let told: readonly Contradiction[] = []
  let destroyed: ((words: Words) => TemplateResult) | undefined
  /** What belongs to another verdict comes too late. */
  let newest: Verdict | undefined
  let show: typeof import('./contradictions.ts')['renderContradictions'] | undefined

  async function tellDestroyed(verdict: Verdict): Promise<void> {
    const id = verdict.record?.entry.case
    if (id?.length !== 32 || verdict.asOf === undefined) return
    const asked = await client()
    if (asked === undefined) return
    const { readDestroyed } = await import('./destroyed.ts')
    const found = await readDestroyed(asked, id)
    if (newest !== verdict || found === undefined) return
    destroyed = found
    changed()
  }

  async function tell(contradictions: readonly Contradiction[]): Promise<void> {
    told = contradictions
    if (contradictions.length === 0) return
    const { renderContradictions, takenText } = await import('./contradictions.ts')
    show = renderContradictions
    if (told !== contradictions) return
    changed()
    const later = (await (await client())?.contradictions()) ?? []
    if (told !== contradictions || later.length === 0) return
    told = later
    changed(words => takenText(later, words))
  }

  async function save(): Promise<void> {
    const asked = await client()
    const last = told.at(-1)
    if (asked === undefined || last === undefined) return
    const { saveFile } = await import('../save.ts')
    saveFile(await asked.evidenceFile(), `evidence-${asked.root.chainId}-${last.blocks[0].height}.json`)
  }

  return {
    tell(verdict, input) {
      newest = verdict
      destroyed = undefined
      void tell(verdict.contradictions ?? []).catch(() => undefined)
      // Whoever brings a proof asks nobody, and no node is told of it.
      if (typeof input === 'string') void tellDestroyed(verdict).catch(() => undefined)
    },
    clear() {
      told = []
      newest = undefined
      destroyed = undefined
    },
    render(words) {
      const parts = [show && told.length > 0 ? show(told, words, save) : undefined, destroyed?.(words)]
      const shown = parts.filter(part => part !== undefined)
      return shown.length > 0 ? html`${shown}` : undefined
    },
  }
}

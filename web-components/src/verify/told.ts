// What a verdict tells of two proved blocks: what it knows at once, and then who has taken the evidence.

import type { Client, Contradiction } from '@muniment/sdk'
import type { TemplateResult } from 'lit'
import type { Words } from './describe.ts'

export type Told = {
  /** Loads the words for it; without them the verdict says the same in its sentence. */
  readonly tell: (contradictions: readonly Contradiction[]) => void
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
  let show: typeof import('./contradictions.ts')['renderContradictions'] | undefined

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
    const newest = told.at(-1)
    if (asked === undefined || newest === undefined) return
    const { saveFile } = await import('../save.ts')
    saveFile(await asked.evidenceFile(), `evidence-${asked.root.chainId}-${newest.blocks[0].height}.json`)
  }

  return {
    tell: contradictions => void tell(contradictions).catch(() => undefined),
    clear() {
      told = []
    },
    render: words => (show && told.length > 0 ? show(told, words, save) : undefined),
  }
}

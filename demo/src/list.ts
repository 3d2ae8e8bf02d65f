// The list of records on a page, in the page's language.

import { fetchRecords, type ListedRecord } from './records.ts'
import { inEachLanguage, text } from './site.ts'

/** Draws the list with `card`; `reload` fetches it again. */
export function showRecords(card: (record: ListedRecord) => HTMLElement): { readonly reload: () => Promise<void> } {
  const list = document.querySelector('#records')!
  const status = document.querySelector<HTMLElement>('#records-status')!
  let records: readonly ListedRecord[] | undefined
  let problem = ''

  function draw(): void {
    if (records === undefined && !problem) return
    list.replaceChildren(...(records ?? []).map(card))
    delete status.dataset.text
    status.textContent = problem ? text('failed', { reason: problem }) : records?.length === 0 ? text('none') : ''
  }

  async function reload(): Promise<void> {
    try {
      records = await fetchRecords()
      problem = ''
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    draw()
  }

  inEachLanguage(draw)
  reload()
  return { reload }
}

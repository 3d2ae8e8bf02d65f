// The example office's desk. The server's answer to an act is only a link to look at: "done" is said when the check of that
// link, made here, says so.

import type { VerdictCode } from '@muniment/sdk'
import type { MunimentNetwork } from '@muniment/web-components'
import { element, hidden, recordCard } from './cards.ts'
import { showRecords } from './list.ts'
import { actAtOffice, isTitle, type ListedRecord, type OfficeAct } from './records.ts'
import { recoverAtOffice } from './recover.ts'
import { addArabic, text } from './site.ts'

addArabic({
  recoverHeading: 'استعادة حساب',
  recoverText: 'النص الذي يعرضه جهاز الشخص الجديد',
  recover: 'سمِّ المفتاح الجديد',
})

const network = document.querySelector<MunimentNetwork>('muniment-network')!
const notice = document.querySelector<HTMLElement>('#notice')!
/** What a check may say of a record in force: amber while the network has no witnesses. */
const inForce: readonly VerdictCode[] = ['current', 'single-operator']

const { reload } = showRecords(record => recordCard(record, actionsOf(record)))

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-action]')) {
  form.addEventListener('submit', event => {
    event.preventDefault()
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
    act({ action: form.dataset.action === 'grant' ? 'grant' : 'enter', fields })
  })
}

document.querySelector<HTMLFormElement>('#recover')!.addEventListener('submit', async event => {
  event.preventDefault()
  const given = String(new FormData(event.currentTarget as HTMLFormElement).get('text'))
  say('busy', text('asking'))
  setDisabled(true)
  try {
    await recoverAtOffice(network, given)
    say('done', text('done'))
  } catch (error) {
    say('failed', text('refused', { reason: error instanceof Error ? error.message : String(error) }))
  } finally {
    setDisabled(false)
  }
})

function actionsOf(record: ListedRecord): readonly HTMLElement[] {
  const revoke = button(text('revoke'), record, () => act({ action: 'revoke', id: record.id }, record))
  if (!isTitle(record)) return [wrap(revoke)]
  const label = element('label', '', text('buyer'))
  const buyer = document.createElement('input')
  buyer.dir = 'auto'
  buyer.maxLength = 120
  buyer.value = 'Example owner E'
  label.append(buyer)
  const sell = button(text('sell'), record, () =>
    act({ action: 'sell', id: record.id, fields: { owner: buyer.value } }, record),
  )
  return [label, wrap(sell, revoke)]
}

function button(content: string, record: ListedRecord, press: () => void): HTMLElement {
  const made = element('button', 'button', content)
  made.append(hidden(record.title.slice(0, 80)))
  made.addEventListener('click', press)
  return made
}

function wrap(...children: readonly HTMLElement[]): HTMLElement {
  const paragraph = element('p', 'actions')
  paragraph.append(...children)
  return paragraph
}

async function act(asked: OfficeAct, old?: ListedRecord): Promise<void> {
  say('busy', text('asking'))
  setDisabled(true)
  try {
    const record = await actAtOffice(asked)
    say('busy', text('checking'))
    const client = await network.connect()
    const expected: readonly (readonly [ListedRecord, readonly VerdictCode[]])[] =
      asked.action === 'revoke'
        ? [[record, ['revoked']]]
        : [[record, inForce], ...(old ? [[old, ['replaced']] as const] : [])]
    for (const [checked, codes] of expected) {
      const { code } = await client.verifyRecord(checked.link)
      if (!codes.includes(code)) return say('failed', text('unproved', { code }))
    }
    say('done', text('done'))
    await reload()
  } catch (error) {
    say('failed', text('refused', { reason: error instanceof Error ? error.message : String(error) }))
  } finally {
    setDisabled(false)
  }
}

function say(state: 'busy' | 'done' | 'failed', sentence: string): void {
  notice.className = `notice ${state}`
  notice.textContent = sentence
}

function setDisabled(disabled: boolean): void {
  for (const made of document.querySelectorAll<HTMLButtonElement>('main button')) made.disabled = disabled
}

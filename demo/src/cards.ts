// Cards of records, made of elements and text: what a server says is never read as HTML.

import { isTitle, type ListedRecord, linkOf } from './records.ts'
import { text } from './site.ts'

export function recordCard(record: ListedRecord, more: readonly HTMLElement[] = []): HTMLElement {
  const card = element('li', 'card')
  const kind = element('p', 'kind', text(isTitle(record) ? 'title' : 'licence'))
  const heading = element('h3', '', '')
  const name = document.createElement('bdi')
  name.textContent = record.title.slice(0, 80)
  heading.append(name)
  const person = document.createElement('bdi')
  person.textContent = String(record.fields.owner ?? record.fields.licensee ?? '').slice(0, 80)
  const whose = element('p', 'kind')
  whose.append(person)
  const link = element('a', 'button', text('check'))
  link.setAttribute('href', linkOf(record))
  link.append(hidden(record.title.slice(0, 80)))
  const actions = element('p', 'actions')
  actions.append(link)
  card.append(kind, heading, whose, actions, ...more)
  return card
}

export function element(name: string, className: string, content = ''): HTMLElement {
  const made = document.createElement(name)
  if (className) made.className = className
  made.textContent = content
  return made
}

/** For those who hear the page: which of many like buttons this is. */
export function hidden(content: string): HTMLElement {
  return element('span', 'visually-hidden', content)
}

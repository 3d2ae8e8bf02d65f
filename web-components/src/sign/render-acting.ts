// In whose name something is signed, as <muniment-sign> shows it to a delegate.

import { equals, formatHex } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatDate } from '../format.ts'
import { keysMessages } from '../messages/keys.ts'
import { fill, partsText } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import { actAs } from './course-others.ts'
import type { KnownDelegation } from './delegations.ts'
import type { Prepared } from './flow.ts'
import type { OthersGiven } from './render-others.ts'

export function renderActing(words: Words, prepared: Prepared, { run }: Pick<OthersGiven, 'run'>): unknown {
  const { acting, review } = prepared
  if (!acting) return nothing
  const { messages, language } = words
  const texts = keysMessages(language)
  const { choices, chosen } = acting
  const { principal } = review
  const nameOf = ({ entry }: KnownDelegation): string => {
    const time = formatDate(entry.untilTime, { language, withTime: false, unknown: messages.verify.unknownTime })
    return partsText(fill(texts.actingFor, { person: formatHex(entry.from), time }))
  }
  const change = (event: Event): void => {
    const { value } = event.currentTarget as HTMLInputElement
    const choice = choices.find(({ id }) => formatHex(id) === value)
    run(course => actAs(course, prepared, choice))
  }
  const radio = (value: string, text: string, isChosen: boolean): TemplateResult => html`<label class="method">
    <input type="radio" name="acting" value=${value} .checked=${isChosen} @change=${change} />
    <span class="declared">${text}</span>
  </label>`
  const value = html`<bdi class="code" dir="ltr">${principal}</bdi>`
  return html`<fieldset class="methods" part="acting">
    <legend>${texts.actingHeading}</legend>
    ${radio('', texts.actingSelf, chosen === undefined)}
    ${choices.map(choice => radio(formatHex(choice.id), nameOf(choice), chosen !== undefined && equals(chosen.id, choice.id)))}
    </fieldset>
    ${principal === undefined ? nothing : renderRows([{ label: texts.acting, value }])}`
}

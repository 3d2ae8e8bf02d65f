// The parts of <muniment-record> that only show.

import { localize } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount } from '../format.ts'
import type { RecordMessages } from '../messages/record.ts'
import { cleanText, fieldText, fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import type { OpenedField } from './present.ts'

type Choice = {
  readonly fields: readonly OpenedField[]
  readonly shown: ReadonlySet<string>
  readonly toggle: (name: string, isShown: boolean) => void
}

export function renderChoice({ fields, shown, toggle }: Choice, words: Words, texts: RecordMessages): TemplateResult {
  return html`<fieldset class="choice" part="fields">
    <legend><h3 class="phase-heading" tabindex="-1">${texts.chooseHeading}</h3></legend>
    <p class="muted">${texts.chooseLead}</p>
    ${fields.map(
      ({ name, canHide, ...field }) => html`<label class="field" part="field">
        <input
          type="checkbox"
          name=${name}
          .checked=${shown.has(name)}
          ?disabled=${!canHide}
          @change=${({ currentTarget }: Event) => toggle(name, (currentTarget as HTMLInputElement).checked)}
        />
        <span class="name" part="field-name">${labelOf({ name, ...field }, words)}</span>
        <bdi class="value" part="field-value">${shownValue(field, words)}</bdi>
      </label>`,
    )}
  </fieldset>`
}

/** What the other side will see, drawn from the same choice. */
export function renderPreview(
  { fields, shown }: Pick<Choice, 'fields' | 'shown'>,
  words: Words,
  texts: RecordMessages,
): TemplateResult {
  const hidden = fields.filter(({ name }) => !shown.has(name)).length
  const rows = fields
    .filter(({ name }) => shown.has(name))
    .map(field => ({ label: labelOf(field, words), value: html`<bdi>${shownValue(field, words)}</bdi>` }))
  const count = formatCount(hidden, words.language)
  return html`<section class="panel" part="preview" aria-labelledby="preview">
    <h3 id="preview">${texts.previewHeading}</h3>
    ${rows.length > 0 ? renderRows(rows) : nothing}
    <p class="muted">${texts.alwaysSeen}</p>
    ${hidden === 0 ? nothing : html`<p class="muted">${renderParts(fill(hidden === 1 ? texts.hiddenOne : texts.hiddenMany, { count }))}</p>`}
  </section>`
}

function labelOf({ name, label }: Pick<OpenedField, 'name' | 'label'>, { language }: Words): string {
  return cleanText(localize(label, language) || name, 80)
}

function shownValue({ value }: Pick<OpenedField, 'value'>, { messages }: Words): string {
  return fieldText(value, messages.verify)
}

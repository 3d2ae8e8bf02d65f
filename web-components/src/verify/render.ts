// The parts of <muniment-verify> that only show: the verdict with what stands behind it, and the steps.

import type { Step, Verdict } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { renderParts } from '../text.ts'
import { describeStep, describeVerdict, type VerdictView, type Words } from './describe.ts'
import { stepIcon, toneIcon } from './icons.ts'

/** `more` stands first among what is known. */
export function renderVerdict(verdict: Verdict, words: Words, more?: TemplateResult): TemplateResult {
  const view = describeVerdict(verdict, words)
  const { verify, trusted } = words.messages
  const known = [more, renderFields(view, words), renderFacts(view, words)].filter(part => part !== undefined)
  return html`
    <div class="verdict appear ${view.tone}" part="verdict">
      ${toneIcon(view.tone)}
      <h3 class="verdict-heading" part="verdict-heading" tabindex="-1" id="verdict-heading">${view.heading}</h3>
      <p part="verdict-text">${renderParts(view.text)}</p>
    </div>
    <slot name="verdict-${verdict.kind}"></slot>
    <div class="columns">
      ${known.length > 0 ? html`<div>${known}</div>` : nothing}
      <div>
        <section>
          <h4 class="section-heading">${verify.steps}</h4>
          ${renderSteps(verdict.steps, words)}
        </section>
        <section part="trusted">
          <h4 class="section-heading">${trusted.heading}</h4>
          <p class="muted">${trusted.lead}</p>
          <ul class="trusted">
            ${view.trusted.map(party => html`<li>${renderParts(party)}</li>`)}
          </ul>
        </section>
      </div>
    </div>
    <details part="evidence">
      <summary>${verify.evidence}</summary>
      ${renderRows(
        view.evidence.map(({ label, value }) => ({ label, value: html`<bdi class="code" dir="ltr">${value}</bdi>` })),
      )}
    </details>
  `
}

function renderFields(view: VerdictView, { messages: { verify } }: Words): TemplateResult | undefined {
  if (view.fields.length === 0 && !view.hidden) return undefined
  return html`<section part="fields">
    <h4 class="section-heading">${verify.fields}</h4>
    ${
      view.fields.length > 0
        ? renderRows(
            view.fields.map(({ label, value }) => ({
              label: html`<bdi>${label}</bdi>`,
              value: html`<bdi>${value}</bdi>`,
            })),
          )
        : html`<p>${verify.noFields}</p>`
    }
    ${view.hidden ? html`<p class="muted">${renderParts(view.hidden)}</p>` : nothing}
  </section>`
}

function renderFacts(view: VerdictView, { messages: { facts } }: Words): TemplateResult | undefined {
  if (view.facts.length === 0) return undefined
  return html`<section part="facts">
    <h4 class="section-heading">${facts.heading}</h4>
    ${renderRows(view.facts.map(({ label, value }) => ({ label, value: renderParts(value) })))}
  </section>`
}

export function renderRows(rows: readonly { readonly label: unknown; readonly value: unknown }[]): TemplateResult {
  return html`<dl class="rows">
    ${rows.map(
      ({ label, value }) => html`<div class="row" part="field">
        <dt part="field-name">${label}</dt>
        <dd part="field-value">${value}</dd>
      </div>`,
    )}
  </dl>`
}

function renderSteps(steps: readonly Step[], words: Words): TemplateResult {
  return html`<ol class="steps" part="steps">
    ${steps.map(step => {
      const { name, state } = describeStep(step, words)
      return html`<li class="step ${step.state}" part="step" data-code=${step.code} data-state=${step.state}>
        ${stepIcon(step.state)}
        <span part="step-text">${name}</span>
        <span class="step-state">${state}</span>
      </li>`
    })}
  </ol>`
}

/** The steps so far; `cancel` where it takes its time. */
export function renderProgress(steps: readonly Step[], words: Words, cancel: (() => void) | undefined): TemplateResult {
  const { verify } = words.messages
  const done = steps.filter(({ state }) => state === 'pass').length
  return html`${renderSteps(steps, words)}
    ${
      cancel
        ? html`<div class="actions" part="actions">
            <progress max=${steps.length} .value=${done} aria-label=${verify.steps}></progress>
            <button type="button" part="button" @click=${cancel}>${verify.cancel}</button>
          </div>`
        : nothing
    }`
}

export function renderActions(
  { messages: { verify } }: Words,
  press: {
    readonly again: () => void
    readonly another: () => void
    readonly save: (() => void) | undefined
    readonly elsewhere: (() => void) | undefined
    readonly print: () => void
    readonly notice: string
  },
): TemplateResult {
  return html`<div class="actions no-print" part="actions">
    <button type="button" part="button" @click=${press.again}>${verify.again}</button>
    <button type="button" part="button" @click=${press.another}>${verify.another}</button>
    ${press.save ? html`<button type="button" part="button" @click=${press.save}>${verify.saveProof}</button>` : nothing}
    ${press.elsewhere ? html`<button type="button" part="button" @click=${press.elsewhere}>${verify.elsewhere}</button>` : nothing}
    <button type="button" part="button" @click=${press.print}>${verify.print}</button>
    ${press.notice ? html`<p class="muted" aria-hidden="true">${press.notice}</p>` : nothing}
  </div>`
}

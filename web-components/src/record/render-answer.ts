// Somebody asks for a document: who that is, and the answer, as <muniment-record> shows them. Loaded when somebody does.

import { audienceOf, type PresentationDemand, parseDemand, VerifyError } from '@muniment/sdk'
import { html, type TemplateResult } from 'lit'
import { type HolderMessages, holderMessages } from '../messages/holder.ts'
import { fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'

/** Undefined for what is none. */
export function readDemand(text: string): PresentationDemand | undefined {
  try {
    return parseDemand(text)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

export function renderDemand({ language }: Words, demand: PresentationDemand): TemplateResult {
  const texts = holderMessages(language)
  const host = hostOf(demand)
  return html`<div class="panel" part="demand">
    <h3>${renderParts(fill(texts.demandHeading, { host }))}</h3>
    <p>${texts.demandLead}</p>
  </div>`
}

/** What the button says that makes the answer. */
export function makeText({ language }: Words, demand: PresentationDemand): unknown {
  return renderParts(fill(holderMessages(language).make, { host: hostOf(demand) }))
}

export function renderAnswer({ language }: Words, demand: PresentationDemand, link: string): TemplateResult {
  const texts = holderMessages(language)
  const host = hostOf(demand)
  return html`<p>${renderParts(fill(texts.answerLead, { host }))}</p>
    <p><a part="link" href=${link} rel="noopener noreferrer">${renderParts(fill(texts.answerOpen, { host }))}</a></p>`
}

export function holderText({ language }: Words, name: keyof HolderMessages): string {
  return holderMessages(language)[name]
}

/** Of the page to which the answer goes, whatever else was said. */
function hostOf(demand: PresentationDemand): string {
  return new URL(audienceOf(demand)!).host
}

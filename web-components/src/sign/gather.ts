// The parts of <muniment-sign> that show an act of several persons. Loaded when somebody signs one.

import { decodeTransactionBody, formatProposal } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import { togetherMessages } from '../messages/together.ts'
import { saveFile } from '../save.ts'
import { fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import type { Prepared } from './flow.ts'
import type { SignerStanding, Standing } from './together.ts'

export type GatherActions = {
  readonly handIn: () => void
  readonly takeBack: () => void
  readonly add: (text: string) => void
  readonly again: () => void
}

/** A proposal's text is shorter than this, whatever a file holds. */
const fileBytesMax = 512 * 1024

export function renderGathering(
  words: Words,
  given: { readonly prepared: Prepared; readonly standing: Standing; readonly actions: GatherActions },
): TemplateResult {
  const { prepared, standing, actions } = given
  const texts = togetherMessages(words.language)
  const states = standing.signers.map(({ state }) => state)
  const isWhole = states.every(state => state === 'signed')
  const isOpen = !standing.isOver && !states.includes('declined')
  const own = standing.signers[prepared.place]
  const lead = standing.isOver ? texts.leadOver : isWhole ? texts.leadWhole : isOpen ? texts.lead : texts.leadDeclined
  return html`<h3 class="phase-heading" tabindex="-1">${texts.heading}</h3>
    <p>${lead}</p>
    <ul class="signers">
      ${standing.signers.map((signer, place) => renderSigner(words, signer, place === prepared.place))}
    </ul>
    ${isOpen ? renderDeadline(words, { prepared, height: standing.height }) : nothing}
    ${isOpen && isWhole ? button(texts.handIn, actions.handIn) : nothing}
    ${standing.isOver ? nothing : renderLink(words, prepared)} ${isOpen && !isWhole ? renderAdd(words, actions) : nothing}
    ${isOpen && own?.state === 'signed' ? renderTakeBack(words, actions) : nothing}
    <div class="actions">
      <button type="button" class="plain" part="button" @click=${actions.again}>${words.messages.sign.again}</button>
    </div>`
}

/** Asks for a reason. */
export function renderDeclining(
  words: Words,
  press: { readonly decline: (reason: string) => void; readonly back: () => void },
): TemplateResult {
  const texts = togetherMessages(words.language)
  const decline = (event: Event): void => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
    press.decline(root.querySelector<HTMLTextAreaElement>('#reason')?.value ?? '')
  }
  return html`<h3 class="phase-heading" tabindex="-1">${texts.declineHeading}</h3>
    <p>${texts.declineLead}</p>
    <label for="reason">${texts.declineLabel}</label>
    <textarea id="reason" dir="auto" rows="3" maxlength="500"></textarea>
    <div class="actions">
      <button type="button" class="primary" part="button-primary" @click=${decline}>${texts.decline}</button>
      <button type="button" part="button" @click=${press.back}>${texts.back}</button>
    </div>`
}

/** What happens when, in time and in blocks. */
function renderDeadline(
  words: Words,
  { prepared, height }: { readonly prepared: Prepared; readonly height: bigint },
): TemplateResult {
  const { messages, language } = words
  const texts = togetherMessages(language)
  const { deadline: about } = prepared
  const { validUntil } = decodeTransactionBody(prepared.proposal.body)
  const blocks = { deadline: formatCount(validUntil, language), height: formatCount(height, language) }
  const time = about && formatDate(about, { language, withTime: true, unknown: messages.verify.unknownTime })
  return html`${time === undefined ? nothing : html`<p>${renderParts(fill(texts.openUntil, { time }))}</p>`}
    <p class="muted">${renderParts(fill(texts.deadline, blocks))}</p>`
}

function button(text: string, press: () => void): TemplateResult {
  return html`<div class="actions">
    <button type="button" class="primary" part="button-primary" @click=${press}>${text}</button>
  </div>`
}

function renderSigner(words: Words, { account, state, reason }: SignerStanding, isSelf: boolean): TemplateResult {
  const texts = togetherMessages(words.language)
  return html`<li class=${state}>
    <span>${isSelf ? html`<b>${texts.you}</b> ` : nothing}<bdi class="code" dir="ltr">${account}</bdi></span>
    <b>${texts[state]}</b>
    ${reason === '' ? nothing : html`<span class="declared">${renderParts(fill(texts.reason, { reason }))}</span>`}
  </li>`
}

/** On this very page, whatever its own address holds behind the #. */
function renderLink(words: Words, { proposal }: Prepared): TemplateResult {
  const texts = togetherMessages(words.language)
  const text = formatProposal(proposal)
  const address = new URL(location.href)
  address.hash = text
  return html`<label for="proposal">${texts.link}</label>
    <textarea id="proposal" class="code" dir="ltr" rows="3" readonly .value=${address.href}></textarea>
    <p class="muted">${texts.linkHint}</p>
    <div class="actions">
      <button type="button" part="button" @click=${() => saveFile(text, 'proposal.txt')}>${texts.save}</button>
    </div>`
}

function renderAdd(words: Words, { add }: GatherActions): TemplateResult {
  const texts = togetherMessages(words.language)
  const press = (event: Event): void => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
    add(root.querySelector<HTMLTextAreaElement>('#answer')?.value ?? '')
  }
  const choose = async (event: Event): Promise<void> => {
    const [file] = (event.currentTarget as HTMLInputElement).files ?? []
    if (file) add(await file.slice(0, fileBytesMax).text())
  }
  return html`<details>
    <summary>${texts.addHeading}</summary>
    <div class="fields">
      <label for="answer">${texts.addLabel}</label>
      <textarea id="answer" class="code" dir="ltr" rows="2"></textarea>
      <div><button type="button" part="button" @click=${press}>${texts.add}</button></div>
      <label for="answer-file">${texts.file}</label>
      <input id="answer-file" type="file" accept=".txt,text/plain" @change=${choose} />
    </div>
  </details>`
}

function renderTakeBack(words: Words, { takeBack }: GatherActions): TemplateResult {
  const texts = togetherMessages(words.language)
  return html`<details>
    <summary>${texts.takeBack}</summary>
    <div class="fields">
      <p>${texts.takeBackHint}</p>
      <div><button type="button" part="button" @click=${takeBack}>${texts.takeBackSure}</button></div>
    </div>
  </details>`
}

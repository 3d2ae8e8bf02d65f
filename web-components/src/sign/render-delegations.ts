// Who acts for whom, as <muniment-keys> shows it.

import { compareTime, equals, formatHex, localize, type ServiceActs, type Timestamp } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatDate } from '../format.ts'
import { keysMessages } from '../messages/keys.ts'
import { cleanText, fill, partsText, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import type { Account } from './account.ts'
import { formatDelegation, type KnownDelegation } from './delegations.ts'
import { readAccountId } from './render-lost.ts'

export type DelegationActions = {
  readonly delegate: (to: Uint8Array, scope: readonly string[], until: Timestamp) => void
  readonly endDelegation: (known: KnownDelegation) => void
}

type Given = { readonly account: Account; readonly actions: DelegationActions }

export function renderDelegations(words: Words, given: Given): unknown {
  const texts = keysMessages(words.language)
  const { account } = given
  const canGive = account.isCapable && account.services.length > 0
  if (!canGive && account.delegations.length === 0) return nothing
  return html`<details part="delegations">
    <summary>${texts.delegations}</summary>
    <div class="fields">
      <p class="muted">${texts.delegationsLead}</p>
      ${account.delegations.length === 0 ? nothing : renderKnown(words, given)} ${canGive ? renderForm(words, given) : nothing}
    </div>
  </details>`
}

function renderKnown(words: Words, { account, actions }: Given): TemplateResult {
  const texts = keysMessages(words.language)
  return html`<ul class="signers">
      ${account.delegations.map(known => {
        const { entry } = known
        const isGiven = equals(entry.from, account.key.account)
        const isOver = !isOpen(account, known)
        const person = formatHex(isGiven ? entry.to : entry.from)
        const time = dateOf(entry.untilTime, words)
        const text = isGiven ? texts.delegationGiven : texts.delegationHeld
        return html`<li class=${isOver ? 'void' : 'signed'}>
          <span class="declared">${renderParts(fill(text, { person, time }))}</span>
          ${isOver ? html`<b>${texts.delegationOver}</b>` : nothing}
          <span class="muted">${entry.scope.map(name => html`<div>${scopeText(words, account.services, name)}</div>`)}</span>
          ${
            isOver
              ? nothing
              : html`<div>
                  <button type="button" part="button" @click=${() => actions.endDelegation(known)}>
                    ${texts.delegationEnd}
                  </button>
                </div>`
          }
          ${isGiven && !isOver ? renderShare(words, known) : nothing}
        </li>`
      })}
    </ul>
    <p class="muted">${texts.delegationsKnown}</p>`
}

function isOpen({ client, entry: own, key }: Account, { entry }: KnownDelegation): boolean {
  // A recovery ends those that were given before it.
  const isGiven = !own || !equals(entry.from, key.account) || entry.fromHeight > own.delegationsEndedHeight
  return entry.endedHeight === 0n && compareTime(client.now(), entry.untilTime) < 0 && isGiven
}

/** The other person's browser knows nothing of it until it is opened there. */
function renderShare(words: Words, { id }: KnownDelegation): TemplateResult {
  const texts = keysMessages(words.language)
  const address = new URL(location.href)
  address.hash = formatDelegation(id)
  const name = `delegation-${formatHex(id).slice(0, 8)}`
  return html`<label for=${name}>${texts.delegationLink}</label>
    <textarea id=${name} class="code" dir="ltr" rows="2" readonly .value=${address.href}></textarea>`
}

function renderForm(words: Words, { account, actions }: Given): TemplateResult {
  const texts = keysMessages(words.language)
  const give = (event: Event): void => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
    const person = root.querySelector<HTMLInputElement>('#delegate-to')!
    const day = root.querySelector<HTMLInputElement>('#delegate-until')!
    const ticked = [...root.querySelectorAll<HTMLInputElement>('[name=delegate-scope]:checked')].map(
      ({ value }) => value,
    )
    const to = readAccountId(person.value)
    const until = endOfDay(day.value)
    const isOther = to !== undefined && !equals(to, account.key.account)
    const fits = isOther && ticked.length > 0 && until !== undefined && compareTime(account.client.now(), until) < 0
    person.setCustomValidity(fits ? '' : texts.badDelegation)
    if (fits) actions.delegate(to, ticked.sort(), until)
    else person.reportValidity()
  }
  return html`<label for="delegate-to">${texts.delegateTo}</label>
    <input id="delegate-to" class="code" dir="ltr" autocomplete="off" spellcheck="false" />
    <fieldset class="methods">
      <legend>${texts.delegateScope}</legend>
      ${account.services.flatMap(service =>
        stepsOf(service).map(
          name => html`<label class="method">
            <input type="checkbox" name="delegate-scope" value=${name} />
            <span>${scopeText(words, account.services, name)}</span>
          </label>`,
        ),
      )}
    </fieldset>
    <label for="delegate-until">${texts.delegateUntil}</label>
    <input id="delegate-until" type="date" />
    <div><button type="button" part="button" @click=${give}>${texts.delegateSet}</button></div>`
}

/** Those that anyone may take for himself, which are the ones that can be delegated. */
function stepsOf({ id, roles, transitions }: ServiceActs): readonly string[] {
  return Object.entries(transitions)
    .filter(([, { by, operation }]) => !operation.startsWith('parties.') && by.some(role => roles[role] === 'anyone'))
    .map(([name]) => `${id}/${name}`)
}

function scopeText({ language }: Words, services: readonly ServiceActs[], scope: string): TemplateResult {
  const [id, step] = scope.split('/')
  const service = services.find(each => each.id === id)
  const texts = keysMessages(language)
  const title = service ? cleanText(localize(service.title, language), 120) : undefined
  const label = step && service?.transitions[step]?.label
  const whole = title && !step ? partsText(fill(texts.delegateWhole, { service: title })) : undefined
  const shown = label ? `${title}: ${cleanText(localize(label, language), 120)}` : whole
  return html`${shown ? html`<bdi>${shown}</bdi> ` : nothing}<bdi class="code" dir="ltr">(${scope})</bdi>`
}

function dateOf(time: Timestamp, { messages, language }: Words): string {
  return formatDate(time, { language, withTime: true, unknown: messages.verify.unknownTime })
}

/** Of this device's own calendar: whoever names a day means hers. */
function endOfDay(text: string): Timestamp | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T23:59:59`).getTime() : Number.NaN
  return Number.isNaN(day) ? undefined : { seconds: BigInt(Math.floor(day / 1000)), nanos: 0 }
}

// <muniment-keys> beyond its first button: loaded when somebody looks at his keys.

import { type AccountEntry, formatHex, type HeldKey, type JsonObject } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { type KeysMessages, keysMessages } from '../messages/keys.ts'
import type { Words } from '../verify/describe.ts'
import type { Account } from './account.ts'
import { parseDelegation, rememberDelegation } from './delegations.ts'
import type { SigningKey } from './key.ts'
import {
  beginKey,
  findAccount,
  guard,
  holdsKey,
  type KeysAttempt,
  type KeysPhase,
  makeKey,
  openAccount,
  performChange,
  reviewAct,
  textOf,
} from './keys-course.ts'
import { delegationActions } from './keys-delegations.ts'
import { findAndShow, lostActions } from './keys-lost.ts'
import { canUsePasskeys } from './methods.ts'
import type { FirstKey } from './own-keys.ts'
import { renderNotice } from './render.ts'
import { renderAccount, renderAct } from './render-keys.ts'
import { renderFindLost, renderLost } from './render-lost.ts'

/** What the element lends to its panel. */
export type KeysHost = {
  /** Goes on with what is under way. */
  readonly attempt: () => KeysAttempt
  /** Ends that, and begins with a phase. */
  readonly anew: (phase: KeysPhase) => KeysAttempt
}

export function show(attempt: KeysAttempt, opened: string): Promise<void> {
  return guard(attempt, async () => {
    const delegation = parseDelegation(opened)
    if (delegation) await rememberDelegation(await attempt.connect(), delegation)
    await findAccount(attempt)
  })
}

/** What is under way, in a sentence; empty where the page itself says it. */
export function statusOf({ messages, language }: Words, phase: KeysPhase): string {
  const texts = keysMessages(language)
  const { sign } = messages
  if (phase.name === 'opening') return texts.opening
  if (phase.name === 'waiting') return texts.waiting
  if (phase.name === 'account' && phase.isDone) return texts.done
  const byPasskey = phase.name === 'signing' && phase.change.act.key.method === 'passkey'
  return phase.name === 'asking' || byPasskey ? sign.askingPasskey : phase.name === 'signing' ? sign.signing : ''
}

export function renderKeys(words: Words, phase: KeysPhase, host: KeysHost): unknown {
  const texts = keysMessages(words.language)
  switch (phase.name) {
    case 'none':
      return renderNone(words, phase, host)
    case 'which':
      return html`<div class="panel" part="account">
        <h3 class="phase-heading" tabindex="-1">${texts.which}</h3>
        ${phase.keys.map(key => {
          const open = (attempt: KeysAttempt): Promise<void> => openAccount(attempt, phase.client, key)
          return button(nameOf(texts, key), () => run(host.anew({ name: 'opening' }), open))
        })}
      </div>`
    case 'account':
      return html`<div class="panel appear" part="account">
        ${renderAccount(words, { ...phase.account, actions: accountActions(phase.account, host) })}
        ${renderNotice(words, phase.notice)}
      </div>`
    case 'lost':
      return html`<div class="panel appear" part="lost">
        ${renderLost(words, phase.lost, lostActions(phase, host))} ${renderNotice(words, phase.notice)}
      </div>`
    case 'review': {
      const { from, change } = phase
      const perform = (): void => {
        const attempt = host.attempt()
        guard(attempt, () => performChange(attempt, from, change), from)
      }
      return html`<div class="panel appear" part="review">
        ${renderAct(words, change.act)}
        <div class="actions">
          ${button(texts.confirm, perform, true)} ${button(texts.back, () => host.attempt().enter(from))}
        </div>
      </div>`
    }
    case 'waiting':
    case 'signing':
      return html`<progress aria-label=${statusOf(words, phase)}></progress>`
    default:
      return button(words.messages.sign.stop, () => host.anew({ name: 'idle' }))
  }
}

function renderNone(words: Words, { notice }: KeysPhase & { readonly name: 'none' }, host: KeysHost): TemplateResult {
  const { sign } = words.messages
  const texts = keysMessages(words.language)
  const begin = (way: FirstKey) => () => run(host.anew({ name: 'asking' }), attempt => beginKey(attempt, way))
  return html`<div class="panel appear" part="account">
    <h3 class="phase-heading" tabindex="-1">${texts.none}</h3>
    <div class="actions">
      ${canUsePasskeys() ? button(sign.passkeyMake, begin('make-passkey'), true) : nothing}
      ${canUsePasskeys() ? button(sign.passkeyFind, begin('find-passkey')) : nothing}
      ${button(texts.makeDevice, begin('device'))}
    </div>
    ${renderNotice(words, notice)}
    ${renderFindLost(words, account => run(host.anew({ name: 'opening' }), attempt => findAndShow(attempt, account)))}
  </div>`
}

function accountActions(account: Account, host: KeysHost) {
  const change = (transition: string, args: JsonObject, isDone: (entry: AccountEntry) => boolean): void =>
    review(account, host, async () => ({ transition, args, isDone }))
  return {
    end: ({ key: { algorithm, bytes } }: HeldKey) =>
      change('endKey', { algorithm, key: textOf(bytes) }, entry => !holdsKey(entry, bytes)),
    cancelRecovery: () => change('cancelRecovery', {}, entry => entry.recovery === undefined),
    setGuardians: (guardians: readonly Uint8Array[], threshold: number) =>
      change('setGuardians', { guardians: guardians.map(textOf), threshold }, entry => {
        const named = entry.guardians?.accounts.map(textOf) ?? []
        return named.join() === guardians.map(textOf).join() && (entry.guardians?.threshold ?? 0) === threshold
      }),
    addDevice: () => review(account, host, attempt => makeKey(attempt, account, 'device')),
    addPasskey: () => review(account, host, attempt => makeKey(attempt, account, 'passkey')),
    begin: () => run(host.anew({ name: 'asking' }), attempt => beginKey(attempt, 'make-passkey')),
    findLost: (lost: Uint8Array) => run(host.anew({ name: 'opening' }), attempt => findAndShow(attempt, lost)),
    ...delegationActions(account, make => review(account, host, make)),
  }
}

function review(
  account: Account,
  host: KeysHost,
  make: (attempt: KeysAttempt) => ReturnType<Parameters<typeof reviewAct>[2]>,
): void {
  const attempt = host.attempt()
  guard(attempt, () => reviewAct(attempt, account, () => make(attempt)), { name: 'account', account })
}

function run(attempt: KeysAttempt, step: (attempt: KeysAttempt) => Promise<void>): void {
  guard(attempt, () => step(attempt))
}

function button(text: string, press: () => unknown, isPrimary = false): TemplateResult {
  const part = isPrimary ? 'button-primary' : 'button'
  return html`<button type="button" class=${isPrimary ? 'primary' : ''} part=${part} @click=${press}>${text}</button>`
}

function nameOf(texts: KeysMessages, { method, account }: SigningKey): string {
  return `${method === 'passkey' ? texts.passkey : texts.deviceKey} · ${formatHex(account).slice(0, 12)}…`
}

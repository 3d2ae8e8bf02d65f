import {
  type AccountEntry,
  type Client,
  formatBase64Url,
  formatHex,
  type HeldKey,
  type JsonObject,
} from '@muniment/sdk'
import { type CSSResultGroup, html, LitElement, nothing, type PropertyDeclarations } from 'lit'
import { defineElement } from '../define.ts'
import { emit } from '../events.ts'
import { directionOf, LanguageController } from '../language.ts'
import type { KeysMessages } from '../messages/keys.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { type MunimentNetwork, networkOf } from '../network/network.ts'
import { showState } from '../state.ts'
import { renderTranslationNote } from '../text.ts'
import { tokens } from '../tokens.ts'
import type { Words } from '../verify/describe.ts'
import type { AccountAct } from './account.ts'
import { SignError } from './error.ts'
import type { SigningKey, SignMethod } from './key.ts'
import { canUsePasskeys } from './methods.ts'
import type { FirstKey } from './own-keys.ts'
import type { PasskeyRequest } from './passkey.ts'
import { renderNotice } from './render.ts'
import { signStyles } from './styles.ts'

type Account = { readonly client: Client; readonly key: SigningKey; readonly entry: AccountEntry | undefined }

type Phase =
  | { readonly name: 'idle' | 'opening' | 'asking' }
  | { readonly name: 'none'; readonly notice?: SignErrorCode }
  | { readonly name: 'which'; readonly client: Client; readonly keys: readonly SigningKey[] }
  | { readonly name: 'account'; readonly account: Account; readonly notice?: SignErrorCode; readonly isDone?: boolean }
  | { readonly name: 'review' | 'signing' | 'waiting'; readonly account: Account; readonly change: Change }

/** An act, and what this browser does once the ledger has it. */
type Change = { readonly act: AccountAct; readonly keep: () => Promise<void> }

/**
 * The keys of one's account: which they are, one more, one less, who may bring a new one when all are lost, and the veto against
 * that. Each change is shown from the bytes to be signed, and is done when the ledger proves it.
 *
 * @event muniment-error - `detail.code`, `detail.message`.
 * @csspart base, heading, status, account, notice, review, button, button-primary, translation-note
 * @cssprop --muniment-color-text and the others of tokens.ts
 * State: `:state(idle|opening|none|which|asking|account|review|signing|waiting)`.
 */
export class MunimentKeys extends LitElement {
  static override properties: PropertyDeclarations = {
    network: { attribute: false },
    rpId: { type: String, attribute: 'rp-id' },
  }
  static override styles: CSSResultGroup = [tokens, signStyles]

  declare network: MunimentNetwork | undefined
  /** The relying party of passkeys; empty: the page's own host. */
  declare rpId: string

  readonly #internals: ElementInternals = this.attachInternals()
  readonly #language = new LanguageController(this)
  #phase: Phase = { name: 'idle' }
  /** Comes with the first look at the keys. */
  #panel: typeof import('./render-keys.ts') | undefined
  #stop = new AbortController()

  constructor() {
    super()
    this.rpId = ''
    showState(this.#internals, 'idle')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop.abort()
  }

  /** Finds the account of a key that this browser has, and shows it. */
  async show(): Promise<void> {
    this.#restart({ name: 'opening' })
    await this.#guard(async () => {
      const [client, own] = await Promise.all([this.#client(), import('./own-keys.ts')])
      this.#panel ??= await import('./render-keys.ts')
      const keys = await own.localKeys(this.#request(client))
      const accounts = new Set(keys.map(key => formatHex(key.account)))
      if (keys.length === 0) this.#enter({ name: 'none' })
      else if (accounts.size > 1) this.#enter({ name: 'which', client, keys })
      else await this.#open(client, keys[0]!)
    })
  }

  async #open(client: Client, key: SigningKey, rest: { readonly isDone?: boolean } = {}): Promise<void> {
    const { readAccount } = await import('./account.ts')
    const entry = await readAccount(client, key, this.#stop.signal)
    this.#enter({ name: 'account', account: { client, key, entry }, ...rest })
  }

  /** Nothing is shown in a language that the page does not speak. */
  protected override async scheduleUpdate(): Promise<void> {
    await this.#language.loading
    super.scheduleUpdate()
  }

  override render(): unknown {
    const words = this.#language.current
    const texts = this.#panel?.keysMessages(words.language)
    const { sign } = words.messages
    return html`<div class="base" part="base" lang=${words.language} dir=${directionOf(words.language)}>
      <slot class="no-script"></slot>
      <slot name="heading"><h2 part="heading">${sign.keysHeading}</h2></slot>
      <p class=${this.#status(texts) ? 'status' : 'status visually-hidden'} part="status" role="status">
        ${this.#status(texts)}
      </p>
      ${texts ? this.#renderPhase(words, texts) : this.#renderIdle(words)} ${renderTranslationNote(words)}
    </div>`
  }

  #renderPhase(words: Words, texts: KeysMessages): unknown {
    const phase = this.#phase
    switch (phase.name) {
      case 'idle':
        return this.#renderIdle(words)
      case 'none':
        return this.#renderNone(words, texts, phase.notice)
      case 'which':
        return html`<div class="panel" part="account">
          <h3 class="phase-heading" tabindex="-1">${texts.which}</h3>
          ${phase.keys.map(key => this.#button(this.#nameOf(texts, key), () => this.#choose(phase.client, key)))}
        </div>`
      case 'account':
        return html`<div class="panel appear" part="account">
          ${this.#panel!.renderAccount(words, { ...phase.account, actions: this.#actions(phase.account) })}
          ${renderNotice(words, phase.notice)}
        </div>`
      case 'review':
        return html`<div class="panel appear" part="review">
          ${this.#panel!.renderAct(words, phase.change.act)}
          <div class="actions">
            ${this.#button(texts.confirm, () => this.#perform(phase.account, phase.change), true)}
            ${this.#button(texts.back, () => this.#enter({ name: 'account', account: phase.account }))}
          </div>
        </div>`
      case 'waiting':
      case 'signing':
        return html`<progress aria-label=${this.#status(texts)}></progress>`
      default:
        return this.#button(words.messages.sign.stop, () => this.#restart({ name: 'idle' }))
    }
  }

  #renderIdle({ messages }: Words): unknown {
    const { sign } = messages
    return html`<p class="muted">${sign.keysLead}</p>
      <div class="actions">${this.#button(sign.keysShow, () => this.show(), true)}</div>`
  }

  #renderNone(words: Words, texts: KeysMessages, notice: SignErrorCode | undefined): unknown {
    const { sign } = words.messages
    return html`<div class="panel appear" part="account">
      <h3 class="phase-heading" tabindex="-1">${texts.none}</h3>
      <div class="actions">
        ${canUsePasskeys() ? this.#button(sign.passkeyMake, () => this.#begin('make-passkey'), true) : nothing}
        ${canUsePasskeys() ? this.#button(sign.passkeyFind, () => this.#begin('find-passkey')) : nothing}
        ${this.#button(texts.makeDevice, () => this.#begin('device'))}
      </div>
      ${renderNotice(words, notice)}
    </div>`
  }

  #button(text: string, press: () => unknown, isPrimary = false): unknown {
    const part = isPrimary ? 'button-primary' : 'button'
    return html`<button type="button" class=${isPrimary ? 'primary' : ''} part=${part} @click=${press}>${text}</button>`
  }

  #nameOf(texts: KeysMessages, { method, account }: SigningKey): string {
    return `${method === 'passkey' ? texts.passkey : texts.deviceKey} · ${formatHex(account).slice(0, 12)}…`
  }

  #status(texts: KeysMessages | undefined): string {
    if (!texts) return ''
    const { sign } = this.#language.current.messages
    const phase = this.#phase
    if (phase.name === 'opening') return texts.opening
    if (phase.name === 'waiting') return texts.waiting
    if (phase.name === 'account' && phase.isDone) return texts.done
    const asks = phase.name === 'asking' || (phase.name === 'signing' && phase.account.key.method === 'passkey')
    return asks ? sign.askingPasskey : phase.name === 'signing' ? sign.signing : ''
  }

  #choose(client: Client, key: SigningKey): Promise<void> {
    this.#restart({ name: 'opening' })
    return this.#guard(() => this.#open(client, key))
  }

  /** A first key, from a click. */
  async #begin(way: FirstKey): Promise<void> {
    this.#restart({ name: 'asking' })
    await this.#guard(async () => {
      const [client, own] = await Promise.all([this.#client(), import('./own-keys.ts')])
      await this.#open(client, await own.firstKey(way, this.#request(client)))
    })
  }

  #actions(account: Account) {
    const change = (transition: string, args: JsonObject, isDone: AccountAct['isDone']): Promise<void> =>
      this.#review(account, async () => ({ transition, args, isDone, keep: async () => undefined }))
    return {
      end: ({ key: ended }: HeldKey) => change('endKey', keyArguments(ended), entry => !holds(entry, ended.bytes)),
      cancelRecovery: () => change('cancelRecovery', {}, entry => entry.recovery === undefined),
      setGuardians: (guardians: readonly Uint8Array[], threshold: number) =>
        change('setGuardians', { guardians: guardians.map(textOf), threshold }, entry => {
          const named = entry.guardians?.accounts.map(textOf) ?? []
          return named.join() === guardians.map(textOf).join() && (entry.guardians?.threshold ?? 0) === threshold
        }),
      addDevice: () => this.#add(account, 'device'),
      addPasskey: () => this.#add(account, 'passkey'),
    }
  }

  #add(account: Account, method: SignMethod): Promise<void> {
    return this.#review(account, async () => {
      const { furtherKey } = await import('./own-keys.ts')
      const { args, bytes, keep } = await furtherKey(method, this.#request(account.client), account.key)
      return { transition: 'addKey', args, isDone: entry => holds(entry, bytes), keep }
    })
  }

  /** Shows an act before it is signed. `make` may ask an authenticator, so it is called from a click. */
  async #review(
    account: Account,
    make: () => Promise<{
      readonly transition: string
      readonly args: JsonObject
      readonly isDone: AccountAct['isDone']
      readonly keep: () => Promise<void>
    }>,
  ): Promise<void> {
    const { signal } = this.#stop
    this.#enter({ name: 'asking' })
    await this.#guard(async () => {
      const [{ keep, ...asked }, { prepareAct }] = await Promise.all([make(), import('./account.ts')])
      const act = await prepareAct(account.client, { ...asked, key: account.key, signal })
      this.#enter({ name: 'review', account, change: { act, keep } })
    }, account)
  }

  async #perform(account: Account, change: Change): Promise<void> {
    const { signal } = this.#stop
    await this.#guard(async () => {
      this.#enter({ name: 'signing', account, change })
      const { performAct } = await import('./account.ts')
      await performAct(change.act, signal, () => this.#enter({ name: 'waiting', account, change }))
      await change.keep()
      await this.#open(account.client, account.key, { isDone: true })
    }, account)
  }

  #request(client: Client): PasskeyRequest {
    return { client, rpId: this.rpId || location.hostname, signal: this.#stop.signal }
  }

  async #client(): Promise<Client> {
    const network = networkOf(this)
    if (!network) throw new SignError('no-network', 'there is no muniment-network')
    return network.connect().catch(error => {
      throw new SignError('unreachable', error instanceof Error ? error.message : String(error))
    })
  }

  /** Whatever goes wrong is shown where the person was. */
  async #guard(run: () => Promise<void>, account?: Account): Promise<void> {
    const { signal } = this.#stop
    try {
      await run()
    } catch (error) {
      if (signal.aborted) return
      const notice = error instanceof SignError ? error.code : 'unexpected'
      this.#enter(account ? { name: 'account', account, notice } : { name: 'none', notice })
      const message = error instanceof Error ? error.message : String(error)
      emit(this, 'muniment-error', { detail: { code: notice, message } })
    }
  }

  #restart(phase: Phase): void {
    this.#stop.abort(new DOMException('the person went on', 'AbortError'))
    this.#stop = new AbortController()
    this.#enter(phase)
  }

  #enter(phase: Phase): void {
    const before = this.#phase.name
    this.#phase = phase
    showState(this.#internals, phase.name)
    this.requestUpdate()
    if (before === phase.name || phase.name === 'idle') return
    this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.phase-heading')?.focus())
  }
}

function keyArguments({ algorithm, bytes }: HeldKey['key']): JsonObject {
  return { algorithm, key: textOf(bytes) }
}

function textOf(bytes: Uint8Array): string {
  return formatBase64Url(bytes)
}

function holds({ keys }: AccountEntry, bytes: Uint8Array): boolean {
  return keys.some(held => held.endedHeight === 0n && textOf(held.key.bytes) === textOf(bytes))
}

defineElement('muniment-keys', MunimentKeys)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-keys': MunimentKeys
  }
}

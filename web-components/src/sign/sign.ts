import type { Client, Verdict } from '@muniment/sdk'
import { type CSSResultGroup, html, LitElement, nothing, type PropertyDeclarations, type PropertyValues } from 'lit'
import { defineElement } from '../define.ts'
import { emit } from '../events.ts'
import { directionOf, LanguageController } from '../language.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { type MunimentNetwork, networkOf } from '../network/network.ts'
import { showState } from '../state.ts'
import { renderTranslationNote } from '../text.ts'
import { tokens } from '../tokens.ts'
import { SignError } from './error.ts'
import type { Prepared, SignRequest } from './flow.ts'
import type { SigningKey, SignMethod } from './key.ts'
import { canUsePasskeys } from './methods.ts'
import { renderDone, renderError } from './outcome.ts'
import type { FirstKey } from './own-keys.ts'
import type { PasskeyRequest } from './passkey.ts'
import { renderMethods, renderNotice, renderPasskeyNeeded, renderReview } from './render.ts'
import { signStyles } from './styles.ts'
import type { Standing } from './together.ts'

type Phase =
  | { readonly name: 'idle' | 'preparing' | 'declined' }
  | { readonly name: 'passkey'; readonly notice?: SignErrorCode }
  | { readonly name: 'asking' }
  | { readonly name: 'review'; readonly prepared: Prepared; readonly notice?: SignErrorCode }
  | { readonly name: 'signing' | 'waiting' | 'verifying' | 'declining'; readonly prepared: Prepared }
  | {
      readonly name: 'gathering'
      readonly prepared: Prepared
      readonly standing: Standing
      readonly notice?: SignErrorCode
    }
  | { readonly name: 'done'; readonly link: string; readonly verdict: Verdict }
  | { readonly name: 'error'; readonly code: SignErrorCode; readonly link: string | undefined }

/**
 * Signs a declaration of one's own, with a passkey or with a key that this browser makes and never gives away, and hands it in.
 * What is shown before signing is read back from the very bytes to be signed. "Done" appears only when the record was proved and
 * checked. `methods` says which keys the page lets people use, the first being proposed: `passkey device`. `rp-id` is the relying
 * party of passkeys, the page's own host where it is left out.
 *
 * @event muniment-review - What will be signed is shown; `detail.body` is its bytes.
 * @event muniment-before-sign - Cancelable: prevented, nothing is signed.
 * @event muniment-signed - `detail.transactionId`, hexadecimal.
 * @event muniment-included - The record was proved and checked; `detail.link` is the fragment of its link.
 * @event muniment-declined - Nothing was signed.
 * @event muniment-error - `detail.code`, `detail.message`.
 * @slot heading - In place of the heading.
 * @csspart base, heading, status, methods, passkey, review, notice, done, error, button, button-primary, link, translation-note
 * @cssprop --muniment-color-text and the others of tokens.ts
 * State: `:state(idle|passkey|asking|preparing|review|signing|waiting|verifying|done|declined|error)`.
 */
export class MunimentSign extends LitElement {
  static override properties: PropertyDeclarations = {
    request: { attribute: false },
    network: { attribute: false },
    verifyPage: { type: String, attribute: 'verify-page' },
    methods: { type: String },
    rpId: { type: String, attribute: 'rp-id' },
  }
  static override styles: CSSResultGroup = [tokens, signStyles]

  /** Set by the page; undefined while its form lacks something. A change takes a review back. */
  declare request: SignRequest | undefined
  declare network: MunimentNetwork | undefined
  /** The page that checks a link, where the finished declaration is opened. */
  declare verifyPage: string
  /** Names of methods with spaces between them; what is not known counts for nothing. */
  declare methods: string
  /** Empty: the page's own host. */
  declare rpId: string

  readonly #internals: ElementInternals = this.attachInternals()
  readonly #language = new LanguageController(this)
  #phase: Phase = { name: 'idle' }
  #chosen: SignMethod | undefined
  /** The proposal that was opened; undefined where the page's own request is signed. */
  #opened: string | undefined
  #gather: typeof import('./gather.ts') | undefined
  #stop = new AbortController()

  constructor() {
    super()
    this.verifyPage = '/verify'
    this.methods = 'device'
    this.rpId = ''
    showState(this.#internals, 'idle')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop.abort()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const shown = !this.#opened && ['review', 'preparing', 'passkey', 'asking'].includes(this.#phase.name)
    if (changed.has('request') && shown) this.#restart({ name: 'idle' })
  }

  /** With which key `review` begins; a person may choose another of the page's methods. */
  get method(): SignMethod {
    const listed = this.#listed()
    const usable = listed.filter(method => method === 'device' || canUsePasskeys())
    if (this.#chosen && usable.includes(this.#chosen)) return this.#chosen
    return usable[0] ?? listed[0] ?? 'device'
  }

  /** Prepares what will be signed and shows it; where a passkey is wanted and none is known, asks for it first. */
  async review(): Promise<void> {
    // A request that was set just now is seen first: it would take the review back.
    await this.updateComplete
    return this.#begin(undefined)
  }

  /** Opens a proposal that several persons sign: its text, or a link that ends in it. Where there is a choice of keys, asks first. */
  async open(text: string): Promise<void> {
    if (this.#listed().length < 2) return this.#begin(text)
    this.#restart({ name: 'idle' })
    this.#opened = text
  }

  async #begin(opened: string | undefined): Promise<void> {
    const { signal } = this.#restart({ name: 'preparing' })
    this.#opened = opened
    await this.#guard(signal, async () => {
      if (!this.request && opened === undefined) throw new SignError('incomplete', 'the page’s form is not complete')
      const { method } = this
      if (method === 'passkey' && !canUsePasskeys())
        throw new SignError('passkey-unsupported', 'no PublicKeyCredential')
      const [client, keys] = await Promise.all([this.#client(), import('./own-keys.ts')])
      signal.throwIfAborted()
      const key = await keys.heldKey(method, this.#keyRequest(client))
      if (key) await this.#prepare(client, key)
      else this.#enter({ name: 'passkey' })
    })
  }

  async #prepare(client: Client, key: SigningKey): Promise<void> {
    const { signal } = this.#stop
    this.#enter({ name: 'preparing' })
    if (this.#opened !== undefined) {
      const together = await import('./together.ts')
      const prepared = await together.openProposal(client, this.#opened, { key, signal })
      if (await this.#gatherFor(prepared)) return
      this.#enter({ name: 'review', prepared })
      return
    }
    const flow = await import('./flow.ts')
    if (!this.request) throw new SignError('incomplete', 'the page’s form is not complete')
    const prepared = await flow.prepareDeclaration(client, this.request, { key, signal })
    this.#enter({ name: 'review', prepared })
    emit(this, 'muniment-review', { detail: { body: prepared.proposal.body, commitment: prepared.review.commitment } })
  }

  /** Shows how things stand, unless this signer is still to answer; answers whether it did. */
  async #gatherFor(prepared: Prepared, notice?: SignErrorCode): Promise<boolean> {
    const { signal } = this.#stop
    const [together, gather] = await Promise.all([import('./together.ts'), import('./gather.ts')])
    this.#gather = gather
    const standing = await together.judgeProposal(prepared, signal)
    signal.throwIfAborted()
    if (standing.isRecorded) {
      await this.#prove(prepared)
      return true
    }
    const isOver = standing.isOver || standing.signers.some(({ state }) => state === 'declined')
    if (standing.signers[prepared.place]?.state === 'missing' && !isOver) return false
    this.#enter({ name: 'gathering', prepared, standing, ...(notice && { notice }) })
    return true
  }

  /** From a click, without which no browser asks an authenticator. */
  async #getPasskey(way: FirstKey): Promise<void> {
    const { signal } = this.#restart({ name: 'asking' })
    await this.#guard(signal, async () => {
      const [client, keys] = await Promise.all([this.#client(), import('./own-keys.ts')])
      await this.#prepare(client, await keys.firstKey(way, this.#keyRequest(client)))
    })
  }

  #keyRequest(client: Client): PasskeyRequest {
    return { client, rpId: this.rpId || location.hostname, signal: this.#stop.signal }
  }

  #listed(): readonly SignMethod[] {
    return (['passkey', 'device'] as const)
      .filter(method => this.methods.split(/\s+/).includes(method))
      .sort((left, right) => this.methods.indexOf(left) - this.methods.indexOf(right))
  }

  /** Nothing is signed. */
  decline(): void {
    this.#restart({ name: 'declined' })
    this.#opened = undefined
    emit(this, 'muniment-declined', { detail: {} })
  }

  /** Back to the beginning. */
  reset(): void {
    this.#opened = undefined
    this.#restart({ name: 'idle' })
  }

  /** Nothing is shown in a language that the page does not speak. */
  protected override async scheduleUpdate(): Promise<void> {
    await this.#language.loading
    super.scheduleUpdate()
  }

  override render(): unknown {
    const words = this.#language.current
    const { sign } = words.messages
    return html`<div class="base" part="base" lang=${words.language} dir=${directionOf(words.language)}>
      <slot class="no-script"></slot>
      <slot name="heading"><h2 part="heading">${sign.heading}</h2></slot>
      <p class=${this.#status() ? 'status' : 'status visually-hidden'} part="status" role="status">${this.#status()}</p>
      ${this.#renderPhase()} ${renderTranslationNote(words)}
    </div>`
  }

  #renderPhase(): unknown {
    const phase = this.#phase
    const { verifyPage } = this
    const words = this.#language.current
    switch (phase.name) {
      case 'idle':
      case 'declined':
        return this.#renderBegin()
      case 'preparing':
      case 'asking':
        return this.#renderButton('stop', () => this.decline())
      case 'passkey':
        return this.#renderPasskey(phase.notice)
      case 'review':
        return this.#renderReview(phase.prepared, phase.notice)
      case 'signing':
        return phase.prepared.key.method === 'passkey' ? this.#renderButton('stop', () => this.decline()) : nothing
      case 'declining':
        return html`<div class="panel appear" part="declining">${this.#gather?.renderDeclining(this.#language.current, {
          decline: reason => this.#decline(phase.prepared, reason),
          back: () => this.#enter({ name: 'review', prepared: phase.prepared }),
        })}</div>`
      case 'gathering':
        return this.#renderGathering(phase.prepared, phase.standing, phase.notice)
      case 'waiting':
      case 'verifying':
        return html`<progress aria-label=${this.#status()}></progress>
          ${this.#renderButton('stopWaiting', () => this.#stopWaiting(phase.prepared))}`
      case 'done':
        return renderDone(words, { ...phase, verifyPage, again: () => this.reset() })
      case 'error':
        return renderError(words, { ...phase, verifyPage, again: () => this.reset() })
    }
  }

  #renderBegin(): unknown {
    const words = this.#language.current
    const { sign } = words.messages
    const choose = (method: SignMethod): void => {
      this.#chosen = method
      this.requestUpdate()
    }
    const methods = this.#listed()
    return html`${this.#opened === undefined ? nothing : html`<p part="opened">${sign.opened}</p>`}
      ${renderMethods(words, { methods, chosen: this.method, canUsePasskeys: canUsePasskeys(), choose })}
      <div class="actions">
        <button type="button" class="primary" part="button-primary" @click=${() => this.#begin(this.#opened)}>
          ${sign.review}
        </button>
      </div>`
  }

  #renderPasskey(notice: SignErrorCode | undefined): unknown {
    const words = this.#language.current
    return html`<div class="panel appear" part="passkey">
      ${renderPasskeyNeeded(words, {
        make: () => this.#getPasskey('make-passkey'),
        find: () => this.#getPasskey('find-passkey'),
        back: () => this.reset(),
      })}
      ${renderNotice(words, notice)}
    </div>`
  }

  #renderReview(prepared: Prepared, notice: SignErrorCode | undefined): unknown {
    const words = this.#language.current
    const { sign } = words.messages
    return html`<div class="panel appear" part="review">
      <h3 class="phase-heading" tabindex="-1">${sign.reviewHeading}</h3>
      ${renderReview(prepared, words)} ${renderNotice(words, notice)}
      <div class="actions">
        <button type="button" class="primary" part="button-primary" @click=${() => this.#confirm(prepared)}>
          ${prepared.review.signers.length > 1 ? sign.signOnly : sign.sign}
        </button>
        <button type="button" part="button" @click=${() => this.#refuse(prepared)}>${sign.decline}</button>
      </div>
    </div>`
  }

  #renderGathering(prepared: Prepared, standing: Standing, notice: SignErrorCode | undefined): unknown {
    const words = this.#language.current
    const actions = {
      handIn: () => this.#handIn(prepared),
      takeBack: () => this.#takeBack(prepared),
      add: (text: string) => this.#add(prepared, text),
      again: () => this.reset(),
    }
    return html`<div class="panel appear" part="gathering">
      ${this.#gather?.renderGathering(words, { prepared, standing, actions })} ${renderNotice(words, notice)}
    </div>`
  }

  #renderButton(text: 'stop' | 'stopWaiting', press: () => void): unknown {
    const { sign } = this.#language.current.messages
    return html`<div><button type="button" part="button" @click=${press}>${sign[text]}</button></div>`
  }

  #status(): string {
    const { sign } = this.#language.current.messages
    const { name } = this.#phase
    const byPasskey = this.#phase.name === 'signing' && this.#phase.prepared.key.method === 'passkey'
    if (name === 'asking' || byPasskey) return sign.askingPasskey
    const spoken = name === 'preparing' || name === 'signing' || name === 'waiting' || name === 'verifying'
    return spoken || name === 'declined' ? sign[name] : ''
  }

  async #confirm(prepared: Prepared): Promise<void> {
    if (this.#phase.name !== 'review' || this.#phase.prepared !== prepared) return
    if (!emit(this, 'muniment-before-sign', { detail: { body: prepared.proposal.body }, cancelable: true })) {
      this.decline()
      return
    }
    const { signal } = this.#stop
    await this.#guard(signal, async () => {
      const flow = await import('./flow.ts')
      this.#enter({ name: 'signing', prepared })
      const signed = await flow.signPrepared(prepared)
      signal.throwIfAborted()
      emit(this, 'muniment-signed', { detail: { transactionId: prepared.review.transactionId } })
      if (signed.transaction) await this.#handInAndProve(signed.prepared, signed.transaction)
      else await this.#gatherFor(signed.prepared)
    })
  }

  async #handInAndProve(prepared: Prepared, transaction: Uint8Array): Promise<void> {
    const flow = await import('./flow.ts')
    this.#enter({ name: 'waiting', prepared })
    await flow.handIn(prepared, transaction, this.#stop.signal)
    await this.#prove(prepared)
  }

  async #prove(prepared: Prepared): Promise<void> {
    const { signal } = this.#stop
    const flow = await import('./flow.ts')
    const link = await flow.waitForRecord(prepared, signal)
    this.#enter({ name: 'verifying', prepared })
    const verdict = await flow.verifyRecorded(prepared, link, signal)
    this.#enter({ name: 'done', link, verdict })
    emit(this, 'muniment-included', { detail: { link, verdict } })
  }

  #handIn(prepared: Prepared): Promise<void> {
    return this.#guard(this.#stop.signal, async () => {
      const { transactionOf } = await import('./together.ts')
      const transaction = transactionOf(prepared)
      if (transaction) await this.#handInAndProve(prepared, transaction)
    })
  }

  /** Of one's own request nobody else has heard; whoever was asked by another says why. */
  async #refuse(prepared: Prepared): Promise<void> {
    if (this.#opened === undefined) return this.decline()
    this.#gather ??= await import('./gather.ts')
    this.#enter({ name: 'declining', prepared })
  }

  #decline(prepared: Prepared, reason: string): Promise<void> {
    return this.#guard(this.#stop.signal, async () => {
      this.#enter({ name: 'signing', prepared })
      const together = await import('./together.ts')
      await this.#gatherFor(await together.declinePrepared(prepared, reason))
      emit(this, 'muniment-declined', { detail: {} })
    })
  }

  #add(prepared: Prepared, text: string): Promise<void> {
    return this.#guard(this.#stop.signal, async () => {
      const together = await import('./together.ts')
      try {
        await this.#gatherFor(await together.addAnswers(prepared, text))
      } catch (error) {
        if (!(error instanceof SignError)) throw error
        await this.#gatherFor(prepared, error.code)
      }
    })
  }

  #takeBack(prepared: Prepared): Promise<void> {
    return this.#guard(this.#stop.signal, async () => {
      this.#enter({ name: 'signing', prepared })
      const together = await import('./together.ts')
      await together.takeBack(prepared, this.#stop.signal)
      await this.#gatherFor(prepared)
    })
  }

  async #stopWaiting(prepared: Prepared): Promise<void> {
    const { linkOf } = await import('./flow.ts')
    this.#restart({ name: 'error', code: 'stopped', link: linkOf(prepared) })
  }

  async #client(): Promise<Client> {
    const network = networkOf(this)
    if (!network) throw new SignError('no-network', 'there is no muniment-network')
    return network.connect().catch(error => {
      throw new SignError('unreachable', error instanceof Error ? error.message : String(error))
    })
  }

  /** Whatever goes wrong is shown, unless the person has gone on to something else. */
  async #guard(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (signal.aborted) return
      const code = error instanceof SignError ? error.code : 'unexpected'
      const phase = this.#phase
      const message = error instanceof Error ? error.message : String(error)
      if (code.startsWith('passkey-') && (phase.name === 'asking' || phase.name === 'signing')) {
        // Nothing was lost: back to where the person said yes.
        const before = phase.name === 'signing' ? ({ name: 'review', prepared: phase.prepared } as const) : undefined
        this.#enter({ ...(before ?? { name: 'passkey' }), notice: code })
        emit(this, 'muniment-error', { detail: { code, message } })
        return
      }
      const handedIn = phase.name === 'waiting' || phase.name === 'verifying'
      const link = handedIn && code !== 'refused' ? (await import('./flow.ts')).linkOf(phase.prepared) : undefined
      this.#enter({ name: 'error', code, link })
      emit(this, 'muniment-error', {
        detail: { code, message },
      })
    }
  }

  /** Ends whatever is under way. */
  #restart(phase: Phase): AbortController {
    this.#stop.abort(new DOMException('the person went on', 'AbortError'))
    this.#stop = new AbortController()
    this.#enter(phase)
    return this.#stop
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

defineElement('muniment-sign', MunimentSign)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-sign': MunimentSign
  }
}

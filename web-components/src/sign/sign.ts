import { type CSSResultGroup, html, LitElement, type PropertyDeclarations, type PropertyValues } from 'lit'
import { defineElement } from '../define.ts'
import { emit } from '../events.ts'
import { directionOf, LanguageController } from '../language.ts'
import type { MunimentNetwork } from '../network/network.ts'
import { showState } from '../state.ts'
import { renderTranslationNote } from '../text.ts'
import { tokens } from '../tokens.ts'
import * as course from './course.ts'
import { clientOf, showPhase } from './element.ts'
import type { Prepared, SignRequest } from './flow.ts'
import type { SignMethod } from './key.ts'
import { canUsePasskeys } from './methods.ts'
import type { FirstKey } from './own-keys.ts'
import { type Phase, statusOf } from './phase.ts'
import { renderPhase } from './render-phase.ts'
import { signStyles } from './styles.ts'

/** Nobody reads faster what another page asks for. */
const reviewMsMin = 700

/**
 * Signs a declaration of one's own, with a passkey or with a key that this browser makes and never gives away, and hands it in.
 * What is shown before signing is read back from the very bytes to be signed. "Done" appears only when the record was proved and
 * checked. `methods` says which keys the page lets people use, the first being proposed: `passkey device`. `rp-id` is the relying
 * party of passkeys, the page's own host where it is left out. What weighs is signed on the network's identity page only: elsewhere the
 * element leads there, and says "done" when the ledger proves the answer.
 *
 * @event muniment-review - What will be signed is shown; `detail.body` is its bytes.
 * @event muniment-before-sign - Cancelable: prevented, nothing is signed.
 * @event muniment-signed - `detail.transactionId`, hexadecimal.
 * @event muniment-included - The record was proved and checked; `detail.link` is the fragment of its link.
 * @event muniment-declined - Nothing was signed.
 * @event muniment-error - `detail.code`, `detail.message`.
 * @slot heading - In place of the heading.
 * @csspart base, heading, status, methods, passkey, review, elsewhere, comparison, notice, done, error, button, button-primary, link, translation-note
 * @cssprop --muniment-color-text and the others of tokens.ts
 * State: `:state(idle|passkey|asking|preparing|review|elsewhere|signing|waiting|verifying|gathering|declining|done|declined|error)`.
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
  /** What somebody else asks to be signed; undefined where the page's own request is signed. */
  #opened: string | undefined
  /** When the review was shown, by the page's own clock. */
  #shownAt = 0
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
    const shown = ['review', 'preparing', 'passkey', 'asking', 'elsewhere'].includes(this.#phase.name)
    if (changed.has('request') && shown && !this.#opened) this.#restart({ name: 'idle' })
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

  /**
   * Opens what somebody else asks to be signed: a proposal of several persons, or another page's request; its text, or a link that
   * ends in it. Where there is a choice of keys, asks first.
   */
  async open(text: string): Promise<void> {
    if (this.#listed().length < 2) return this.#begin(text)
    this.#restart({ name: 'idle' })
    this.#opened = text
  }

  #begin(opened: string | undefined): Promise<void> {
    this.#restart({ name: 'preparing' })
    this.#opened = opened
    const { method, request } = this
    return this.#run(attempt => course.begin(attempt, { request, opened }, method))
  }

  /** From a click, without which no browser asks an authenticator. */
  #getPasskey(way: FirstKey): Promise<void> {
    this.#restart({ name: 'asking' })
    const asked = { request: this.request, opened: this.#opened }
    return this.#run(attempt => course.beginWithPasskey(attempt, asked, way))
  }

  #listed(): readonly SignMethod[] {
    return (['passkey', 'device'] as const)
      .filter(method => this.methods.split(/\s+/).includes(method))
      .sort((left, right) => this.methods.indexOf(left) - this.methods.indexOf(right))
  }

  /** Nothing is signed. */
  decline(): void {
    this.#restart({ name: 'declined' })
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
    const status = statusOf(this.#phase, words.messages)
    return html`<div class="base" part="base" lang=${words.language} dir=${directionOf(words.language)}>
      <slot class="no-script"></slot>
      <slot name="heading"><h2 part="heading">${sign.heading}</h2></slot>
      <p class=${status ? 'status' : 'status visually-hidden'} part="status" role="status">${status}</p>
      ${renderPhase(words, this.#phase, {
        ...this.#actions,
        methods: this.#listed(),
        method: this.method,
        isOpened: this.#opened !== undefined,
        verifyPage: this.verifyPage,
      })}
      ${renderTranslationNote(words)}
    </div>`
  }

  readonly #actions = {
    begin: () => this.#begin(this.#opened),
    choose: (method: SignMethod) => {
      this.#chosen = method
      this.requestUpdate()
    },
    getPasskey: (way: FirstKey) => this.#getPasskey(way),
    confirm: (prepared: Prepared) => this.#confirm(prepared),
    refuse: (prepared: Prepared) => this.#refuse(prepared),
    stopWaiting: (prepared: Prepared) => this.#stopWaiting(prepared),
    decline: () => this.decline(),
    run: (step: (attempt: course.Course) => Promise<void>) => void this.#run(step),
    enter: (phase: Phase) => this.#enter(phase),
    retry: () => this.#restart({ name: 'idle' }),
    reset: () => this.reset(),
  }

  async #confirm(prepared: Prepared): Promise<void> {
    if (this.#phase.name !== 'review' || this.#phase.prepared !== prepared) return
    // A click that another page led here was meant for something else.
    if (prepared.asked && performance.now() - this.#shownAt < reviewMsMin) return
    if (!emit(this, 'muniment-before-sign', { detail: { body: prepared.proposal.body }, cancelable: true })) {
      this.decline()
      return
    }
    await this.#run(attempt => course.confirm(attempt, prepared))
  }

  /** Whoever was asked by other signers says why; of everything else nobody has heard. */
  async #refuse(prepared: Prepared): Promise<void> {
    if (!prepared.isProposed) return this.decline()
    await this.#run(async attempt => (await import('./course-others.ts')).askWhy(attempt, prepared))
  }

  async #stopWaiting(prepared: Prepared): Promise<void> {
    const { linkOf } = await import('./signing.ts')
    this.#restart({ name: 'error', code: 'stopped', link: prepared.act ? undefined : linkOf(prepared) })
  }

  #run(step: (attempt: course.Course) => Promise<void>): Promise<void> {
    const attempt: course.Course = {
      element: this,
      signal: this.#stop.signal,
      rpId: this.rpId || location.hostname,
      connect: () => clientOf(this),
      phase: () => this.#phase,
      enter: phase => this.#enter(phase),
    }
    return course.guard(attempt, () => step(attempt))
  }

  /** Ends whatever is under way. */
  #restart(phase: Phase): void {
    this.#stop.abort(new DOMException('the person went on', 'AbortError'))
    this.#stop = new AbortController()
    this.#enter(phase)
  }

  #enter(phase: Phase): void {
    const before = this.#phase.name
    if (phase.name === 'review' && before !== 'review') this.#shownAt = performance.now()
    this.#phase = phase
    showPhase(this, this.#internals, [before, phase.name])
  }
}

defineElement('muniment-sign', MunimentSign)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-sign': MunimentSign
  }
}

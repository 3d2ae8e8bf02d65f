import { type Step, stepCodes, type Verdict } from '@muniment/sdk'
import { type CSSResultGroup, html, LitElement, nothing, type PropertyDeclarations, type PropertyValues } from 'lit'
import { defineElement } from '../define.ts'
import { emit } from '../events.ts'
import { LanguageController } from '../language.ts'
import type { InputProblem } from '../messages/messages.ts'
import type { MunimentNetwork } from '../network/network.ts'
import { networkOf } from '../network/network.ts'
import { showState } from '../state.ts'
import { fill, partsText } from '../text.ts'
import { tokens } from '../tokens.ts'
import { askNetwork, type CheckOptions } from './ask.ts'
import { takeDroppedFiles } from './drop.ts'
import { renderCamera, renderForm, renderProblem } from './form.ts'
import { InputError, type InputSource, problemOf, type Reading, readInTime, type Way, waysOf } from './input.ts'
import { createOwnDevice, type OwnDevice } from './own-device.ts'
import { collectProof, type ProofNotice } from './proof.ts'
import { receiptOf } from './receipt.ts'
import { renderActions, renderProgress, renderVerdict } from './render.ts'
import { createRetry, type Retry } from './retry.ts'
import { createScanner, hasCamera, type Scanner } from './scanner.ts'
import { verifyStyles } from './styles.ts'
import { createTold, type Told } from './told.ts'
import { unansweredVerdict } from './unanswered.ts'
import { listOf, renderLacking, type VerifyPolicy, validityOf, verifyDefaults } from './wanted.ts'
import { focusableOf, renderWhole } from './whole.ts'

/** After this long a check shows how far it is, and can be cancelled. */
const slowMs = 1_000

/**
 * Checks a record: by its QR code (camera or picture), link (pasted, or the page's own fragment with `auto`), text, or file. The
 * check runs in this browser, over the nearest `<muniment-network>`; its value in a form is a receipt in JSON.
 *
 * With `required` a form is not sent until a document has passed, with a good verdict by `policy` and all `fields`.
 *
 * @attr holder-page - Where a document's holder, who is asked by `holder-nonce`, shows it; `/show` where it is left out.
 * @event muniment-input - Something was given to be checked; `detail.source`.
 * @event muniment-step - A step changed; `detail.steps`.
 * @event muniment-verdict - `detail.verdict`, whatever it is: a failed check is a verdict too.
 * @event muniment-error - The input was refused before a check, or the camera gave none; `detail.code`, `detail.message`.
 * @slot heading - In place of the heading.
 * @slot intro - In place of the sentence under it.
 * @slot verdict-valid - More words under a verdict of this kind; also verdict-stale, verdict-invalid, verdict-unknown.
 * @slot footer - Below everything.
 * @csspart base, heading, intro, input, dropzone, camera, video, button, button-primary, error-summary, status, compact, summary, lacking, steps, step, step-text, facts,
 *   contradiction, destroyed, elsewhere, qr, verdict, verdict-heading, verdict-text, fields, field, field-name, field-value, trusted, evidence, actions, translation-note
 * @cssprop --muniment-color-text and the others of tokens.ts
 * State: `:state(idle|busy|valid|stale|invalid|unknown|dragging)`.
 */
export class MunimentVerify extends LitElement {
  static readonly formAssociated: boolean = true
  static override properties: PropertyDeclarations = {
    types: { type: String },
    issuers: { type: String },
    fields: { type: String },
    policy: { type: String },
    required: { type: Boolean, reflect: true },
    compact: { type: Boolean, reflect: true },
    accept: { type: String },
    auto: { type: Boolean },
    name: { type: String, reflect: true },
    maxAge: { type: Number, attribute: 'max-age' },
    verifyPage: { type: String, attribute: 'verify-page' },
    holderNonce: { type: String, attribute: 'holder-nonce' },
    network: { attribute: false },
    verdict: { attribute: false, noAccessor: true },
    steps: { attribute: false, noAccessor: true },
  }
  static override styles: CSSResultGroup = [tokens, verifyStyles]

  /** Record types that are wanted, separated by spaces; none: any. */
  declare types: string
  /** Issuers that are wanted, separated by spaces: ids of offices, or whole names (`iss`); none: any. */
  declare issuers: string
  /** Names of fields that the page needs to see, separated by spaces. What of them is kept back is said. */
  declare fields: string
  /** What is good enough for a form: `strict`, in force now; `offline-ok`, or at its last check. */
  declare policy: VerifyPolicy
  declare required: boolean
  /** One line that says what it came to, and opens. */
  declare compact: boolean
  /** The ways in, separated by spaces: `file pdf qr camera paste link`; none: all. */
  declare accept: string
  /** Checks the link in the page's own address. */
  declare auto: boolean
  declare name: string
  /** Seconds: a tighter limit than the service's on how old an answer may be. */
  declare maxAge: number | undefined
  /** The page that another device opens to check the same document; empty: this one. */
  declare verifyPage: string
  /** The page's own, fresh for each holder that is asked: then only who shows that he holds a document's key gets a good verdict. */
  declare holderNonce: string
  declare network: MunimentNetwork | undefined

  readonly #internals: ElementInternals = this.attachInternals()
  readonly #language = new LanguageController(this)
  #verdict: Verdict | undefined
  #steps: readonly Step[] = []
  #running: AbortController | undefined
  readonly #scanner: Scanner = createScanner({
    say: text => this.#say(text),
    video: async () => {
      await this.updateComplete
      return this.renderRoot.querySelector('video')!
    },
  })
  readonly #retry: Retry = createRetry({
    ask: signal => this.#ask(this.#input, { signal }),
    answered: verdict => this.#finish(verdict),
  })
  #slow = false
  /** Comes where a page asks a document's holder. */
  #holder: typeof import('./holder.ts') | undefined
  #problem: InputProblem | undefined
  #notice = ''
  #noticeShown = false
  readonly #ownDevice: OwnDevice = createOwnDevice({
    network: () => networkOf(this),
    input: () => this.#input,
    page: () => this.verifyPage,
    changed: () => this.requestUpdate(),
  })
  #input: string | Uint8Array = ''
  #text = ''
  readonly #told: Told = createTold({
    client: async () => networkOf(this)?.connect(),
    changed: notice => {
      if (notice) this.#notice = notice(this.#language.current)
      this.requestUpdate()
    },
  })

  constructor() {
    super()
    Object.assign(this, verifyDefaults)
    takeDroppedFiles(this, {
      isFree: () => !this.#verdict && !this.#running,
      dragging: isOver => showState(this.#internals, isOver ? 'dragging' : 'idle'),
      take: file => this.#checkFile(file),
    })
  }

  /** What the last check came to. */
  get verdict(): Verdict | undefined {
    return this.#verdict
  }

  get steps(): readonly Step[] {
    return this.#steps
  }

  get validity(): ValidityState {
    return this.#internals.validity
  }

  get validationMessage(): string {
    return this.#internals.validationMessage
  }

  checkValidity(): boolean {
    return this.#internals.checkValidity()
  }

  reportValidity(): boolean {
    return this.#internals.reportValidity()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('hashchange', this.#followAddress)
    showState(this.#internals, 'idle')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('hashchange', this.#followAddress)
    this.#running?.abort()
    this.#retry.stop()
    this.#scanner.stop()
  }

  protected override updated(changed: PropertyValues<this>): void {
    const [flags, sentence] = validityOf(this.#verdict, this, this.#language.current)
    this.#internals.setValidity(flags ?? {}, sentence, focusableOf(this.renderRoot, this.#verdict))
    if (!changed.has('holderNonce') || !this.holderNonce) return
    // The words of a page that asks a document's holder; most pages do not.
    import('./holder.ts').then(holder => {
      this.#holder = holder
      this.requestUpdate()
    })
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    // What only browsers have comes second: the first drawing is the same as a server's.
    if (hasCamera()) this.requestUpdate()
    this.#followAddress()
  }

  /**
   * Checks a link, a document's text or a file's bytes; without an input, what was typed. Answers undefined where the input
   * was refused at once or the check was cancelled.
   */
  async verify(input: string | Uint8Array = this.#text): Promise<Verdict | undefined> {
    return this.#check(input, 'call')
  }

  /** Back to the empty form. */
  reset(): void {
    this.#running?.abort()
    this.#clear()
    this.#steps = []
    this.#told.clear()
    this.#ownDevice.clear()
    this.#text = ''
    this.#internals.setFormValue(null)
    showState(this.#internals, 'idle')
    this.requestUpdate()
  }

  #clear(running?: AbortController): void {
    this.#scanner.stop()
    this.#retry.stop()
    this.#running = running
    this.#input = ''
    this.#verdict = undefined
    this.#problem = undefined
    this.#notice = ''
    this.#noticeShown = false
  }

  /** Opens the browser's dialog for a print of the verdict, with a code by which whoever holds it can check again. */
  async print(): Promise<void> {
    if (!this.#verdict) return
    if (this.#verdict.record) await this.#ownDevice.open()
    await this.updateComplete
    const { printOnly } = await import('./print.ts')
    printOnly(this)
  }

  async #showElsewhere(): Promise<void> {
    await this.#ownDevice.open()
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('#elsewhere')?.focus()
  }

  formResetCallback(): void {
    this.reset()
  }

  override focus(options?: FocusOptions): void {
    focusableOf(this.renderRoot, this.#verdict)?.focus(options)
  }

  /** Nothing is shown in a language that the page does not speak. */
  protected override async scheduleUpdate(): Promise<void> {
    await this.#language.loading
    super.scheduleUpdate()
  }

  override render(): unknown {
    const words = this.#language.current
    const busy = this.#running !== undefined
    const inside = html`
      ${this.#scanner.isOn() ? renderCamera(words, () => this.#cancelScan()) : nothing}
      ${busy || this.#verdict ? nothing : [this.#renderForm(), this.#holder?.renderAskHolder(words, this)]}
      ${busy ? renderProgress(this.#steps, words, this.#slow ? () => this.#cancel() : undefined) : nothing}
      ${this.#verdict ? this.#renderVerdict(this.#verdict) : nothing}`
    return renderWhole(words, {
      compact: this.compact,
      verdict: this.#verdict,
      status: this.#status(),
      isBusy: busy || this.#scanner.isOn(),
      isOpen: this.#problem !== undefined || this.#scanner.isOn(),
      problem: this.#problem ? renderProblem(this.#problem, words, () => this.focus()) : nothing,
      inside,
    })
  }

  #renderVerdict(verdict: Verdict): unknown {
    const words = this.#language.current
    const lacking = renderLacking(verdict, this.fields, words)
    const told = this.#told.render(words)
    const more = lacking || told ? html`${lacking}${told}` : undefined
    return html`${renderVerdict(verdict, words, more)}${this.#ownDevice.render(words)} ${this.#renderActions()}`
  }

  #renderForm(): unknown {
    return renderForm(this.#language.current, {
      text: this.#text,
      problem: this.#problem,
      type: text => {
        this.#text = text
      },
      check: () => this.#check(this.#text, 'text'),
      choose: file => this.#checkFile(file),
      ways: this.#ways,
      scanning: this.#scanner.isOn(),
      scan: this.hasUpdated && this.#ways.has('camera') && hasCamera() ? () => this.#scan() : undefined,
    })
  }

  #renderActions(): unknown {
    const verdict = this.#verdict
    const say = (text: ProofNotice): void => (this.#verdict === verdict ? this.#say(text) : undefined)
    return renderActions(this.#language.current, {
      again: () => this.#check(this.#input, 'call'),
      another: () => this.#another(),
      notice: this.#noticeShown ? this.#notice : '',
      // Without an entry of the ledger there is nothing that a proof could prove.
      save: verdict?.record && (() => collectProof({ network: networkOf(this), input: this.#input, say })),
      elsewhere: verdict?.record && this.#ownDevice.isPossible() ? () => this.#showElsewhere() : undefined,
      print: () => this.print(),
    })
  }

  #status(): string {
    const { messages } = this.#language.current
    const running = this.#steps.find(({ state }) => state === 'running')
    if (this.#running) {
      return running ? partsText(fill(messages.verify.running, { step: messages.steps[running.code] })) : ''
    }
    return this.#notice
  }

  #check(input: string | Uint8Array, source: InputSource): Promise<Verdict | undefined> {
    const problem = problemOf(input)
    if (problem) return Promise.resolve(this.#refuse(problem))
    return this.#run(async () => ({ input, source }))
  }

  async #run(reading: Reading): Promise<Verdict | undefined> {
    this.#running?.abort()
    const running = new AbortController()
    this.#begin(running)
    const slow = setTimeout(() => {
      this.#slow = true
      this.requestUpdate()
    }, slowMs)
    try {
      const { input, source } = await reading(running.signal)
      if (this.#running !== running) return undefined
      this.#input = input
      emit(this, 'muniment-input', { detail: { source } })
      const { signal } = running
      const verdict = await this.#ask(input, { signal, onSteps: steps => this.#show(steps, signal) })
      if (this.#running !== running) return undefined
      this.#finish(verdict)
      return verdict
    } catch (error) {
      if (running.signal.aborted) return undefined
      if (error instanceof InputError) return this.#refuse(error.code)
      // A fault of the page or of ours, such as something that its policy forbids: said, and told to developers.
      reportError(error)
      this.#finish(unansweredVerdict('blocked-by-policy', { evidence: String(error), origin: location.origin }))
      return this.#verdict
    } finally {
      clearTimeout(slow)
      if (this.#running === running) this.#running = undefined
      this.requestUpdate()
    }
  }

  #begin(running: AbortController): void {
    this.#clear(running)
    this.#slow = false
    this.#steps = stepCodes.map((code, place) => ({ code, state: place === 0 ? 'running' : 'waiting' }))
    showState(this.#internals, 'busy')
    this.requestUpdate()
  }

  async #ask(input: string | Uint8Array, options: CheckOptions): Promise<Verdict> {
    const keyBinding = this.holderNonce ? (await import('./holder.ts')).keyBindingDemand(this) : undefined
    return askNetwork(networkOf(this), input, {
      ...options,
      types: listOf(this.types),
      issuers: listOf(this.issuers),
      maxAgeSeconds: this.maxAge,
      keyBinding,
    })
  }

  #show(steps: readonly Step[], signal: AbortSignal): void {
    if (signal.aborted) return
    this.#steps = steps
    this.requestUpdate()
    emit(this, 'muniment-step', { detail: { steps } })
  }

  #finish(verdict: Verdict): void {
    const { messages } = this.#language.current
    const heading = messages.verdictHeadings[verdict.code]
    this.#running = undefined
    this.#verdict = verdict
    this.#steps = verdict.steps
    this.#internals.setFormValue(JSON.stringify(receiptOf(verdict)))
    showState(this.#internals, verdict.kind)
    this.#ownDevice.clear()
    this.#told.tell(verdict, this.#input)
    if (verdict.code === 'offline') this.#retry.begin()
    this.requestUpdate()
    // Whoever does something else meanwhile is told, and not moved.
    const free = [null, document.body, this].includes(this.ownerDocument.activeElement as HTMLElement)
    if (free) this.updateComplete.then(() => this.focus())
    else this.#notice = partsText(fill(messages.verify.done, { heading }))
    emit(this, 'muniment-verdict', { detail: { verdict } })
  }

  #refuse(problem: InputProblem): undefined {
    const text = this.#text
    this.reset()
    this.#text = text
    this.#problem = problem
    this.requestUpdate()
    this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.error-summary')?.focus())
    emit(this, 'muniment-error', {
      detail: { code: problem, message: this.#language.current.messages.inputProblems[problem] },
    })
  }

  #cancel(): void {
    const text = this.#text
    const { cancelled } = this.#language.current.messages.verify
    this.reset()
    this.#text = text
    this.#notice = cancelled
    this.updateComplete.then(() => this.focus())
  }

  #another(): void {
    this.reset()
    this.updateComplete.then(() => this.focus())
  }

  readonly #followAddress = (): void => {
    const isLink = this.#ways.has('link') && /^#[0-9]{1,3}\//.test(location.hash)
    if (this.auto && isLink) this.#check(location.hash, 'link')
  }

  get #ways(): ReadonlySet<Way> {
    return waysOf(this.accept)
  }

  #checkFile(file: File): void {
    const wasm = !networkOf(this)?.hasAttribute('no-wasm')
    this.#run(signal => readInTime(file, { ways: this.#ways, wasm, signal }))
  }

  async #scan(): Promise<void> {
    this.#problem = undefined
    const started = this.#scanner.start()
    // Whoever uses the keyboard is led to what ends it.
    this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('#stop')?.focus())
    try {
      const text = await started
      if (text !== undefined) await this.#check(text, 'camera')
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.#refuse(error.code)
    }
  }

  #say(text: 'cameraAsking' | 'cameraOpen' | 'cameraForeign' | ProofNotice): void {
    this.#notice = this.#language.current.messages.verify[text]
    this.#noticeShown = true
    this.requestUpdate()
  }

  /** The camera is off at once; what was typed stays. */
  #cancelScan(): void {
    const code = 'camera-cancelled'
    const message = this.#language.current.messages.inputProblems[code]
    this.#scanner.stop()
    this.#notice = message
    this.requestUpdate()
    this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('#scan')?.focus())
    emit(this, 'muniment-error', { detail: { code, message } })
  }
}

defineElement('muniment-verify', MunimentVerify)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-verify': MunimentVerify
  }
}

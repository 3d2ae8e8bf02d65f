import type { Client, PresentationDemand } from '@muniment/sdk'
import {
  type CSSResultGroup,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { defineElement } from '../define.ts'
import { emit } from '../events.ts'
import { directionOf, LanguageController } from '../language.ts'
import { type RecordMessages, recordMessages } from '../messages/record.ts'
import { type MunimentNetwork, networkOf } from '../network/network.ts'
import { renderQr } from '../qr-code.ts'
import { showState } from '../state.ts'
import { renderTranslationNote } from '../text.ts'
import { tokens } from '../tokens.ts'
import type { Words } from '../verify/describe.ts'
import type { Kept } from './kept.ts'
import type { Opened, Presented } from './present.ts'
import { renderChoice, renderPreview } from './render.ts'
import { recordStyles } from './styles.ts'

type Problem = 'unreadable' | 'foreign' | 'shareFailed' | 'keptFailed' | HolderProblem

type Phase =
  | { readonly name: 'idle'; readonly problem?: Problem }
  | { readonly name: 'opening' }
  | { readonly name: 'choosing' | 'sharing'; readonly opened: Opened; readonly problem?: Problem }
  | { readonly name: 'shared'; readonly opened: Opened; readonly presented: Presented }
  | { readonly name: 'kept'; readonly kept: Kept; readonly from: Phase }

/** Told in the words of those who answer a demand. */
type HolderProblem = 'demandBad' | 'keyNone' | 'keyMissing'

/**
 * Shows one's own document to somebody: what of it they may see is chosen, seen beforehand, and given as a link, a QR code or a
 * file. What is kept back is not in it. Nothing is sent anywhere but the questions of a check. Documents can be kept in this browser,
 * encrypted, for the next time.
 *
 * @event muniment-disclose - Cancelable: prevented, no link is made; `detail.fields`, the names.
 * @event muniment-share - `detail.link`, the whole address.
 * @event muniment-error - `detail.code`, `detail.message`.
 * @slot heading - In place of the heading.
 * @csspart base, heading, intro, input, status, problem, fields, field, field-name, field-value, preview, qr, link, kept, documents, document, button, button-keep, button-passkey, button-device, button-primary, translation-note
 * @cssprop --muniment-qr-size - The side of the QR code; also --muniment-color-text and the others of tokens.ts.
 * State: `:state(idle|opening|choosing|sharing|shared|kept)`.
 */
export class MunimentRecord extends LitElement {
  static override properties: PropertyDeclarations = {
    record: { type: String },
    network: { attribute: false },
    verifyPage: { type: String, attribute: 'verify-page' },
    noKeep: { type: Boolean, attribute: 'no-keep', reflect: true },
  }
  static override styles: CSSResultGroup = [tokens, recordStyles]

  /** A record's link or a document's text, which is opened at once. */
  declare record: string
  declare network: MunimentNetwork | undefined
  /** The page that checks a link. */
  declare verifyPage: string
  /** Offers to keep nothing in this browser, as on a device that strangers share. */
  declare noKeep: boolean

  readonly #internals: ElementInternals = this.attachInternals()
  readonly #language = new LanguageController(this)
  #phase: Phase = { name: 'idle' }
  #shown: ReadonlySet<string> = new Set()
  #text = ''
  #demand: PresentationDemand | undefined
  #view: typeof import('./render-answer.ts') | undefined
  #notice = ''
  #stop = new AbortController()

  constructor() {
    super()
    this.record = ''
    this.verifyPage = '/verify'
    this.noKeep = false
    showState(this.#internals, 'idle')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop.abort()
    if (this.#phase.name === 'kept') this.#phase.kept.stop()
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('record') && this.record) this.open(this.record)
  }

  /** Reads and checks a document, and offers its fields. Never rejects. */
  async open(input: string): Promise<void> {
    const { signal } = this.#restart({ name: 'opening' })
    try {
      const [client, { openRecord }] = await Promise.all([this.#connect(), import('./present.ts')])
      const opened = await openRecord(client, input, signal)
      if (signal.aborted) return
      this.#shown = new Set(opened.fields.filter(({ canHide }) => !canHide).map(({ name }) => name))
      this.#enter({ name: 'choosing', opened })
    } catch (error) {
      if (signal.aborted) return
      const isForeign = (error as { readonly code?: unknown }).code === 'wrong-chain'
      this.#fail({ name: 'idle', problem: isForeign ? 'foreign' : 'unreadable' }, error)
    }
  }

  /** Shows what is kept in this browser. Never rejects. */
  showKept(): Promise<void> {
    return this.#keep(undefined)
  }

  /** Shows what is kept, and keeps a document with it. */
  async #keep(opened: Opened | undefined): Promise<void> {
    const from = this.#phase
    const { signal } = this.#restart({ name: 'opening' })
    try {
      const [client, { beginKept, keptOf }] = await Promise.all([this.#connect(), import('./kept.ts')])
      if (signal.aborted) return
      const kept = beginKept(
        {
          client,
          words: () => this.#language.current,
          update: notice => {
            if (this.#phase.name === 'kept') this.#enter(this.#phase, notice)
          },
          open: link => this.open(link),
          back: () => void this.#restart(from),
          fail: (code, message) => emit(this, 'muniment-error', { detail: { code, message } }),
        },
        opened ? [keptOf(opened)] : [],
      )
      this.#enter({ name: 'kept', kept, from })
    } catch (error) {
      if (!signal.aborted) this.#fail({ ...from, problem: 'keptFailed' } as Phase, error)
    }
  }

  #connect(): Promise<Client> {
    const network = networkOf(this)
    return network ? network.connect() : Promise.reject(new Error('there is no muniment-network'))
  }

  /**
   * Answers whoever asks to see a document by its holder: takes his demand, its text or a link that ends in it. The next document that
   * is shared is for him alone.
   */
  async answer(demand: string): Promise<void> {
    this.#restart({ name: 'idle' })
    this.#view ??= await import('./render-answer.ts')
    this.#demand = this.#view.readDemand(demand)
    if (!this.#demand) this.#enter({ name: 'idle', problem: 'demandBad' })
    this.requestUpdate()
  }

  /** Back to the empty form. */
  reset(): void {
    this.#text = ''
    this.#restart({ name: 'idle' })
  }

  /** Nothing is shown in a language that the page does not speak. */
  protected override async scheduleUpdate(): Promise<void> {
    await this.#language.loading
    super.scheduleUpdate()
  }

  override render(): unknown {
    const words = this.#language.current
    const texts = recordMessages(words.language)
    const { name } = this.#phase
    const busy = name === 'opening' || name === 'sharing' ? texts[name] : this.#notice
    return html`<div class="base" part="base" lang=${words.language} dir=${directionOf(words.language)}>
      <slot class="no-script"></slot>
      <slot name="heading"><h2 part="heading">${texts.heading}</h2></slot>
      <p class=${busy ? 'status' : 'status visually-hidden'} part="status" role="status">${busy}</p>
      ${this.#demand ? this.#view?.renderDemand(words, this.#demand) : nothing} ${this.#renderPhase(words, texts)} ${renderTranslationNote(words)}
    </div>`
  }

  #renderPhase(words: Words, texts: RecordMessages): unknown {
    const phase = this.#phase
    switch (phase.name) {
      case 'idle':
        return this.#renderForm(texts, phase.problem)
      case 'opening':
      case 'sharing':
        return html`<progress aria-label=${texts[phase.name]}></progress>
          <div class="actions">${button(words.messages.verify.cancel, () => this.reset())}</div>`
      case 'choosing':
        return this.#renderChoosing(phase.opened, { words, texts, problem: phase.problem })
      case 'shared':
        return this.#renderShared(phase.presented, phase.opened, texts)
      case 'kept':
        return phase.kept.render()
    }
  }

  #told(problem: Problem, texts: RecordMessages): unknown {
    if (problem in texts) return texts[problem as keyof RecordMessages]
    return this.#view?.holderText(this.#language.current, problem as HolderProblem)
  }

  #renderForm(texts: RecordMessages, problem: Problem | undefined): TemplateResult {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault()
      if (this.#text.trim()) this.open(this.#text)
    }
    return html`<p part="intro">${texts.intro}</p>
      ${problem ? html`<p class="problem" part="problem" role="alert">${this.#told(problem, texts)}</p>` : nothing}
      <form class="form" novalidate @submit=${submit}>
        <label class="text-label" for="input">${texts.inputLabel}</label>
        <textarea
          id="input"
          part="input"
          rows="3"
          dir="ltr"
          autocomplete="off"
          spellcheck="false"
          aria-describedby="hint"
          .value=${this.#text}
          @input=${({ currentTarget }: Event) => {
            this.#text = (currentTarget as HTMLTextAreaElement).value
          }}
        ></textarea>
        <p class="muted" id="hint">${texts.inputHint}</p>
        <div class="actions">
          <button type="submit" class="primary" part="button-primary">${texts.open}</button>
          ${this.noKeep ? nothing : button(texts.kept, () => this.showKept())}
        </div>
      </form>`
  }

  #renderChoosing(
    opened: Opened,
    given: { readonly words: Words; readonly texts: RecordMessages; readonly problem: Problem | undefined },
  ): TemplateResult {
    const { words, texts, problem } = given
    const { fields } = opened
    const shown = this.#shown
    const show = (names: Iterable<string>): void => {
      this.#shown = new Set(names)
      this.requestUpdate()
    }
    const toggle = (name: string, isShown: boolean): void =>
      show(isShown ? [...shown, name] : [...shown].filter(each => each !== name))
    const always = fields.filter(({ canHide }) => !canHide).map(({ name }) => name)
    return html`
      <p class="muted">${words.messages.verdictHeadings[opened.verdict.code]}</p>
      ${renderChoice({ fields, shown, toggle }, words, texts)}
      <div class="actions">
        ${button(texts.all, () => show(fields.map(({ name }) => name)))} ${button(texts.none, () => show(always))}
      </div>
      ${renderPreview({ fields, shown }, words, texts)}
      ${problem ? html`<p class="problem" part="problem" role="alert">${this.#told(problem, texts)}</p>` : nothing}
      <div class="actions">
        <button type="button" class="primary" part="button-primary" @click=${() => this.#share(opened)}>${(this.#demand && this.#view?.makeText(words, this.#demand)) ?? texts.share}</button>
        ${
          this.noKeep
            ? nothing
            : html`<button type="button" part="button button-keep" @click=${() => this.#keep(opened)}>${texts.keep}</button>`
        }
        ${button(texts.another, () => this.reset())}
      </div>
    `
  }

  #renderShared({ link, document, qr }: Presented, opened: Opened, texts: RecordMessages): TemplateResult {
    const words = this.#language.current
    const answer = this.#demand && this.#view?.renderAnswer(words, this.#demand, link)
    return html`<div class="panel appear">
      <h3 class="phase-heading" tabindex="-1">${texts.sharedHeading}</h3>
      ${answer ?? html`<p>${texts.sharedLead}</p>`}
      ${qr ? renderQr(qr, texts.qr) : html`<p class="muted">${texts.qrTooLong}</p>`}
      <label class="text-label" for="link">${texts.link}</label>
      <textarea id="link" class="code" part="link" dir="ltr" rows="3" readonly .value=${link}></textarea>
      <div class="actions">
        <button type="button" class="primary" part="button-primary" @click=${() => this.#copy(link, texts)}>${texts.copy}</button>
        ${button(texts.save, () => saveDocument(document))}
        ${button(texts.change, () => this.#enter({ name: 'choosing', opened }))} ${button(texts.another, () => this.reset())}
      </div>
    </div>`
  }

  async #share(opened: Opened): Promise<void> {
    const fields = [...this.#shown]
    if (!emit(this, 'muniment-disclose', { detail: { fields }, cancelable: true })) return
    this.#enter({ name: 'sharing', opened })
    try {
      const presented = await this.#present(opened, fields)
      if (this.#phase.name !== 'sharing') return
      if (typeof presented === 'string') return this.#enter({ name: 'choosing', opened, problem: presented })
      this.#enter({ name: 'shared', opened, presented })
      emit(this, 'muniment-share', { detail: { link: presented.link } })
    } catch (error) {
      this.#fail({ name: 'choosing', opened, problem: 'shareFailed' }, error)
    }
  }

  async #present(opened: Opened, fields: readonly string[]): Promise<Presented | HolderProblem> {
    if (this.#demand) return (await import('./answer.ts')).answerDemand(opened, fields, this.#demand)
    const { presentRecord } = await import('./present.ts')
    return presentRecord(opened, fields, new URL(this.verifyPage, location.href))
  }

  async #copy(link: string, texts: RecordMessages): Promise<void> {
    const isCopied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    )
    this.#notice = isCopied ? texts.copied : texts.copyFailed
    this.requestUpdate()
  }

  #fail(phase: Phase, error: unknown): void {
    this.#enter(phase)
    const code = 'problem' in phase && phase.problem ? phase.problem : 'unreadable'
    emit(this, 'muniment-error', { detail: { code, message: error instanceof Error ? error.message : String(error) } })
  }

  /** Ends whatever is under way. */
  #restart(phase: Phase): AbortController {
    this.#stop.abort()
    this.#stop = new AbortController()
    if (this.#phase.name === 'kept') this.#phase.kept.stop()
    this.#enter(phase)
    return this.#stop
  }

  #enter(phase: Phase, notice = ''): void {
    this.#phase = phase
    this.#notice = notice
    showState(this.#internals, phase.name)
    this.requestUpdate()
    if (phase.name !== 'choosing' && phase.name !== 'shared' && phase.name !== 'kept') return
    this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.phase-heading')?.focus())
  }
}

async function saveDocument(document: string): Promise<void> {
  const { saveFile } = await import('../save.ts')
  saveFile(document, 'document.sd-jwt')
}

function button(text: string, press: () => void): TemplateResult {
  return html`<button type="button" part="button" @click=${press}>${text}</button>`
}

defineElement('muniment-record', MunimentRecord)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-record': MunimentRecord
  }
}

import type { Client, ClientStatus } from '@muniment/sdk'
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
import { directionOf, LanguageController } from '../language.ts'
import { statusMessages } from '../messages/status.ts'
import { type MunimentNetwork, networkOf } from '../network/network.ts'
import { showState } from '../state.ts'
import { renderParts, renderTranslationNote } from '../text.ts'
import { tokens } from '../tokens.ts'
import type { Words } from '../verify/describe.ts'
import { stateIcon } from './icon.ts'
import { statusStyles } from './styles.ts'
import type { Answer, FieldName } from './subject.ts'
import { type Failure, type StatusState, type StatusView, viewOf } from './view.ts'

/** How often the age is drawn anew. */
const tickMs = 1_000

/**
 * What this page knows of its network: the newest block that was checked, how old it is, who confirmed it, and which of the network's
 * computers answered. It shows what other elements have asked for, and asks by itself only when somebody presses its button or calls
 * `sync()`. A change of state is announced, the age that goes by is not.
 *
 * With `case`, it also shows what the ledger makes public of that case: where it stands, its clocks, how its officials were chosen, and that
 * its private content was destroyed. Who looked at that content is shown to whoever has the case's secret. With `account`, how the
 * replacement of that account's keys stands, and how it ended. An empty attribute asks the person for the number. Without either, and not
 * `compact`, what the validators promised and did not keep, and the public figures of the `services`.
 *
 * @attr {string} case - A case's id, base64url; empty: the person enters it.
 * @attr {string} account - An account's id, hexadecimal; empty: the person enters it.
 * @attr {string} services - Names of services with their versions, whose public figures are shown, with spaces between them.
 * @slot heading - In place of the heading.
 * @csspart base, heading, headline, brief, fields, field, field-name, field-value, form, input, section, section-heading,
 * item, button, translation-note
 * @cssprop --muniment-color-text and the others of tokens.ts
 * State: `:state(idle|asking|confirmed|alone|checked|offline|contradiction|unproved)`.
 */
export class MunimentStatus extends LitElement {
  static override properties: PropertyDeclarations = {
    compact: { type: Boolean, reflect: true },
    network: { attribute: false },
    case: { type: String },
    account: { type: String },
    services: { type: String },
    secret: { attribute: false },
  }
  static override styles: CSSResultGroup = [tokens, statusStyles]

  /** One line, without a heading. */
  declare compact: boolean
  declare network: MunimentNetwork | undefined
  declare case: string | undefined
  declare account: string | undefined
  declare services: string
  /** Of the case, 32 bytes: for who looked at it. It is sent to nobody. */
  declare secret: Uint8Array | undefined

  readonly #internals: ElementInternals = this.attachInternals()
  readonly #language = new LanguageController(this)
  #timer: ReturnType<typeof setInterval> | undefined
  /** Ends with the element's place in a page. */
  #connected = new AbortController()
  #isAsking = false
  #failure: Failure | undefined
  /** Seen once, so that a connection that closed does not take away what was checked. */
  #answer: Answer | undefined
  #wrong: FieldName | undefined
  #parts: typeof import('./subject.ts') | undefined
  #last: { readonly client: Client; readonly status: ClientStatus } | undefined

  constructor() {
    super()
    this.compact = false
    this.services = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#timer = setInterval(this.#tick, tickMs)
    const { signal } = this.#connected
    const { ownerDocument: page } = this
    page.addEventListener('muniment-ready', () => this.#failAs(undefined), { signal })
    page.addEventListener('muniment-network-error', ({ detail }) => this.#failAs(failureOf(detail)), { signal })
    for (const name of ['online', 'offline']) addEventListener(name, this.#tick, { signal })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
    this.#connected.abort()
    this.#connected = new AbortController()
  }

  readonly #tick = (): void => {
    if (this.ownerDocument.visibilityState === 'visible') this.requestUpdate()
  }

  /** Asks the network for its newest block, and about the case or account, and checks the answers. Never rejects. */
  async sync(): Promise<void> {
    if (this.#isAsking) return
    const { signal } = this.#connected
    const { case: id, account, services, secret } = this
    const wanted = { case: id, account, services, secret }
    // Something else was entered meanwhile: what was proved is no answer to that.
    let isOther = false
    this.#isAsking = true
    this.#wrong = undefined
    this.#failAs(undefined)
    try {
      // A line in a footer asks for nothing else than the block.
      const parts = this.compact && !this.#number ? undefined : await this.#loadParts()
      const subject = parts?.readSubject(wanted)
      if (subject && 'wrong' in subject) {
        this.#wrong = subject.wrong
        return
      }
      const client = await networkOf(this)?.connect()
      await client?.sync({ signal })
      if (client && parts && subject) {
        const answer = await parts.ask(client, subject, signal)
        isOther = Object.entries(wanted).some(([name, value]) => this[name as keyof typeof wanted] !== value)
        this.#answer = isOther ? undefined : answer
      }
    } catch (error) {
      if (!signal.aborted) this.#failAs(failureOf(error))
    } finally {
      this.#isAsking = false
      this.requestUpdate()
    }
    if (isOther) await this.sync()
  }

  async #loadParts(): Promise<typeof import('./subject.ts')> {
    this.#parts ??= await import('./subject.ts')
    return this.#parts
  }

  protected override async scheduleUpdate(): Promise<void> {
    await this.#language.loading
    super.scheduleUpdate()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('case') || changed.has('account') || changed.has('services')) this.#answer = undefined
    if (this.#number !== undefined && this.#parts === undefined) {
      const drawn = (): void => this.requestUpdate()
      this.#loadParts().then(drawn, () => this.#failAs('offline'))
    }
    const client = networkOf(this)?.client
    if (client === undefined) return
    this.#last = { client, status: client.status() }
    // Somebody has answered since.
    if (this.#failure === 'offline' && hasAnswer(this.#last.status)) this.#failure = undefined
  }

  /** What was, or is to be, entered; undefined where nothing is asked for. */
  get #number(): { readonly name: 'case' | 'account'; readonly value: string } | undefined {
    if (typeof this.case === 'string') return { name: 'case', value: this.case }
    return typeof this.account === 'string' ? { name: 'account', value: this.account } : undefined
  }

  #enter(name: FieldName, text: string): void {
    if (name === 'secret') {
      const secret = this.#parts?.readNumber(text)
      this.#wrong = secret ? undefined : 'secret'
      this.secret = secret
      this.requestUpdate()
      if (secret) this.sync().then(() => this.#showLooks())
      return
    }
    if (this[name] !== text) this.secret = undefined
    this[name] = text
    this.sync()
  }

  /** The field in which somebody typed is gone. */
  async #showLooks(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('[data-name=looks] h3')?.focus()
  }

  override render(): unknown {
    const words = this.#language.current
    const { messages, language } = words
    const texts = statusMessages(language)
    const { client, status } = this.#last ?? {}
    const isCutOff = globalThis.navigator?.onLine === false || (status !== undefined && isSilent(status))
    const failure = this.#failure ?? (isCutOff ? 'offline' : undefined)
    const facts = { status, root: client?.root, asking: this.#isAsking, failure }
    const view = viewOf(facts, { texts, language, unknownTime: messages.verify.unknownTime })
    showState(this.#internals, view.state)
    const { compact } = this
    const number = this.#number
    const heading = number && this.#parts ? this.#parts.headingOf(number.name, this.#answer, words) : texts.heading
    return html`<div class="base" part="base" lang=${language} dir=${directionOf(language)}>
      <slot class="no-script"></slot>
      ${compact ? nothing : html`<slot name="heading"><h2 part="heading"><bdi>${heading}</bdi></h2></slot>`}
      ${
        number && this.#parts
          ? this.#parts.renderField(words, { ...number, isWrong: this.#wrong === number.name }, text =>
              this.#enter(number.name, text),
            )
          : nothing
      }
      ${renderHeadline(view)}
      ${(compact || number) && view.brief ? html`<span class="brief" part="brief">${renderParts(view.brief)}</span>` : nothing}
      ${compact || number || view.rows.length === 0 ? nothing : renderRows(view.rows)}
      ${this.#renderAnswer(words)}
      ${
        number && view.state === 'idle'
          ? nothing
          : html`<div class="actions no-print">
              <button type="button" class=${compact ? 'plain' : ''} part="button" ?disabled=${view.state === 'asking'} @click=${() => this.sync()}>
                ${view.state === 'idle' ? texts.ask : texts.again}
              </button>
            </div>`
      }
      ${compact ? nothing : renderTranslationNote(words)}
    </div>`
  }

  #renderAnswer(words: Words): unknown {
    if (!this.#answer || !this.#parts || this.#isAsking) return nothing
    const enter = (text: string): void => this.#enter('secret', text)
    return this.#parts.renderAnswer(this.#answer, words, { isWrong: this.#wrong === 'secret', enter })
  }

  #failAs(failure: Failure | undefined): void {
    this.#failure = failure
    this.requestUpdate()
  }
}

/** A live region that stands there from the start; its text changes with the state only. */
function renderHeadline({ state, headline }: StatusView): TemplateResult {
  return html`<div class="headline ${state satisfies StatusState}">
    ${stateIcon(state)}
    <p part="headline" role="status">${headline}</p>
  </div>`
}

function renderRows(rows: StatusView['rows']): TemplateResult {
  return html`<dl class="rows" part="fields">
    ${rows.map(
      ({ label, values }) => html`<div class="row" part="field">
        <dt part="field-name">${label}</dt>
        <dd part="field-value">${
          values.length === 1
            ? renderParts(values[0]!)
            : html`<ul class="list">${values.map(value => html`<li>${renderParts(value)}</li>`)}</ul>`
        }</dd>
      </div>`,
    )}
  </dl>`
}

/** Of an error with a code: of a client that was not to be had, or of its question. */
function failureOf(reason: unknown): Failure {
  const code = (reason as { readonly code?: unknown } | null)?.code
  if (code === 'conflicting-headers') return 'contradiction'
  return code === 'offline' || code === 'unavailable' || code === 'limited' ? 'offline' : 'unproved'
}

function hasAnswer({ peers }: ClientStatus): boolean {
  return peers.some(({ state }) => state === 'answered')
}

function isSilent({ peers }: ClientStatus): boolean {
  const asked = peers.filter(({ state }) => state !== 'not-asked')
  return asked.length > 0 && asked.every(({ state }) => state === 'silent')
}

defineElement('muniment-status', MunimentStatus)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-status': MunimentStatus
  }
}

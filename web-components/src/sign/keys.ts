import { type CSSResultGroup, html, LitElement, type PropertyDeclarations } from 'lit'
import { defineElement } from '../define.ts'
import { directionOf, LanguageController } from '../language.ts'
import type { MunimentNetwork } from '../network/network.ts'
import { showState } from '../state.ts'
import { renderTranslationNote } from '../text.ts'
import { tokens } from '../tokens.ts'
import { clientOf, showPhase } from './element.ts'
import type { KeysAttempt, KeysPhase } from './keys-course.ts'
import { signStyles } from './styles.ts'

/**
 * The keys of one's account: which they are, one more, one less, who may bring a new one when all are lost, and the veto against
 * that. Each change is shown from the bytes to be signed, and is done when the ledger proves it.
 *
 * @event muniment-error - `detail.code`, `detail.message`.
 * @csspart base, heading, status, account, notice, review, button, button-primary, translation-note
 * @cssprop --muniment-color-text and the others of tokens.ts
 * State: `:state(idle|opening|none|which|asking|account|review|signing|waiting|lost)`.
 */
export class MunimentKeys extends LitElement {
  static override properties: PropertyDeclarations = {
    network: { attribute: false },
    rpId: { type: String, attribute: 'rp-id' },
    services: { type: String },
  }
  static override styles: CSSResultGroup = [tokens, signStyles]

  declare network: MunimentNetwork | undefined
  /** The relying party of passkeys; empty: the page's own host. */
  declare rpId: string
  /** Names of services with spaces between them, whose steps one may let somebody else take. */
  declare services: string

  readonly #internals: ElementInternals = this.attachInternals()
  readonly #language = new LanguageController(this)
  #phase: KeysPhase = { name: 'idle' }
  /** Comes with the first look at the keys. */
  #panel: typeof import('./keys-panel.ts') | undefined
  #stop = new AbortController()

  constructor() {
    super()
    this.rpId = ''
    this.services = ''
    showState(this.#internals, 'idle')
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop.abort()
  }

  /** Finds the account of a key that this browser has, and shows it; `opened` as for `open`. */
  async show(opened = ''): Promise<void> {
    this.#restart({ name: 'opening' })
    const { signal } = this.#stop
    this.#panel ??= await import('./keys-panel.ts')
    if (!signal.aborted) await this.#panel.show(this.#attempt(), opened)
  }

  /** Opens what somebody sent: the link of a delegation. What is none changes nothing. */
  open(text: string): Promise<void> {
    return this.show(text)
  }

  /** Nothing is shown in a language that the page does not speak. */
  protected override async scheduleUpdate(): Promise<void> {
    await this.#language.loading
    super.scheduleUpdate()
  }

  override render(): unknown {
    const words = this.#language.current
    const { sign } = words.messages
    const status = this.#panel?.statusOf(words, this.#phase) ?? ''
    const isIdle = this.#phase.name === 'idle' || !this.#panel
    return html`<div class="base" part="base" lang=${words.language} dir=${directionOf(words.language)}>
      <slot class="no-script"></slot>
      <slot name="heading"><h2 part="heading">${sign.keysHeading}</h2></slot>
      <p class=${status ? 'status' : 'status visually-hidden'} part="status" role="status">${status}</p>
      ${
        isIdle
          ? html`<p class="muted">${sign.keysLead}</p>
            <div class="actions">
              <button type="button" class="primary" part="button-primary" @click=${() => this.show()}>
                ${sign.keysShow}
              </button>
            </div>`
          : this.#panel!.renderKeys(words, this.#phase, {
              attempt: () => this.#attempt(),
              anew: phase => {
                this.#restart(phase)
                return this.#attempt()
              },
            })
      }
      ${renderTranslationNote(words)}
    </div>`
  }

  /** What goes on until the person goes on to something else. */
  #attempt(): KeysAttempt {
    return {
      element: this,
      signal: this.#stop.signal,
      rpId: this.rpId || location.hostname,
      services: this.services.split(/\s+/).filter(name => name !== ''),
      connect: () => clientOf(this),
      enter: phase => this.#enter(phase),
    }
  }

  #restart(phase: KeysPhase): void {
    this.#stop.abort(new DOMException('the person went on', 'AbortError'))
    this.#stop = new AbortController()
    this.#enter(phase)
  }

  #enter(phase: KeysPhase): void {
    const before = this.#phase.name
    this.#phase = phase
    showPhase(this, this.#internals, [before, phase.name])
  }
}

defineElement('muniment-keys', MunimentKeys)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-keys': MunimentKeys
  }
}

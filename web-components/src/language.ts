// The language and direction that an element speaks: of the nearest `lang`, else of the browser.

import { isServer, type ReactiveController, type ReactiveControllerHost } from 'lit'
import { loadMessages, type Messages, messagesFor, onMessages } from './messages/messages.ts'
import { takeOverDrawing } from './served.ts'

/** The nearest `lang` attribute, through shadow roots, up to the document's own. */
function languageOf(element: Element): string {
  // Where a server draws a page, an element knows its own attributes only.
  if (isServer) return element.getAttribute('lang') ?? 'en'
  for (let place: Element | null = element; place; place = hostOf(place)) {
    const language = place.closest('[lang]:not([lang=""])')?.getAttribute('lang')
    if (language && isLanguage(language)) return language
  }
  const preferred = globalThis.navigator?.language
  return preferred && isLanguage(preferred) ? preferred : 'en'
}

export function directionOf(language: string): 'rtl' | 'ltr' {
  const script = new Intl.Locale(language).maximize().script
  return ['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm'].includes(script ?? '') ? 'rtl' : 'ltr'
}

function hostOf(element: Element): Element | null {
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

/** Keeps an element's words in its language, and draws it again when a `lang` or a pack changes. */
export class LanguageController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  /** The language in which a server drew the element: the first drawing here takes that over, and must not differ. */
  #drawnIn: string | undefined
  #hasDrawn = false
  #stop: (() => void) | undefined

  constructor(host: ReactiveControllerHost & Element) {
    this.#host = host
    host.addController(this)
  }

  /** The pack to speak, and the tag to format by. */
  get current(): { readonly messages: Messages; readonly language: string } {
    return messagesFor(this.#language)
  }

  /** To be waited for before the element shows anything; undefined where its words are there. */
  get loading(): Promise<void> | undefined {
    const language = this.#language
    // The page may have gone on to another language meanwhile.
    return loadMessages(language)?.then(() => (language === this.#language ? undefined : this.loading))
  }

  get #language(): string {
    return this.#drawnIn ?? languageOf(this.#host)
  }

  hostConnected(): void {
    // Without a drawing of its own before, it is a server's.
    if (!this.#hasDrawn) this.#drawnIn = takeOverDrawing(this.#host)
    const draw = (): void => this.#host.requestUpdate()
    const observer = new MutationObserver(draw)
    observer.observe(this.#host.ownerDocument, { subtree: true, attributeFilter: ['lang'] })
    const stopMessages = onMessages(draw)
    this.#stop = () => {
      observer.disconnect()
      stopMessages()
    }
  }

  hostUpdated(): void {
    this.#hasDrawn = true
    if (this.#drawnIn === undefined) return
    this.#drawnIn = undefined
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#stop?.()
  }
}

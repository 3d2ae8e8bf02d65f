import type { Client } from '@muniment/sdk'
import { type CompiledRoot, configuredRoot } from '../configure.ts'
import { defineElement } from '../define.ts'
import { emit, type NetworkErrorCode } from '../events.ts'
import { takeEarly } from './bundle.ts'
import { fetchFile } from './network-file.ts'

/** A server that draws pages has no elements. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? Object

/**
 * The network that the elements of a page ask: fetches `network.json` and holds one client. Shows nothing itself. Other
 * elements use the first one in their document unless their `network` property names another. The trust root comes from
 * `configure({ root })` or the `root` property, never from an attribute or the network's file.
 *
 * With `offline`, the address of an `offline.js` (a service worker, see the embed kit), a page that was seen once opens again with
 * every server dead.
 *
 * With `no-wasm`, for pages whose policy refuses Wasm, none is tried: the policy then has nothing to report. Verdicts are
 * the same.
 *
 * @attr {string} src - The address of network.json, relative to the page.
 * @attr {string} offline - The address of `offline.js`.
 * @attr {boolean} no-wasm
 * @event muniment-ready - `detail.client`: the client can be used.
 * @event muniment-network-error - `detail.code`: `offline`, `wrong-network` or `no-peers`; the next check tries again.
 */
export class MunimentNetwork extends Base {
  static readonly observedAttributes: readonly string[] = ['src']

  /** In place of the configured one. */
  root: CompiledRoot | undefined
  /** Set by a page or a test in place of what `src` leads to. */
  #client: Client | undefined
  #connecting: Promise<Client> | undefined
  #stop = new AbortController()

  /** The address of network.json, relative to the page. */
  get src(): string {
    return this.getAttribute('src') ?? ''
  }

  set src(value: string) {
    this.setAttribute('src', value)
  }

  /** Undefined until `muniment-ready`. A page may set a client of its own. */
  get client(): Client | undefined {
    return this.#client
  }

  set client(client: Client | undefined) {
    this.#client = client
    this.#connecting = client && Promise.resolve(client)
  }

  connectedCallback(): void {
    this.hidden = true
    // The page's own script, which configures the root, may still be running.
    queueMicrotask(() => {
      if (!this.isConnected) return
      this.connect().catch(() => undefined)
      this.#keepPage().catch(reportError)
    })
  }

  async #keepPage(): Promise<void> {
    const script = this.getAttribute('offline')
    if (script === null) return
    const { keepPage } = await import('./offline.ts')
    await keepPage(script)
  }

  disconnectedCallback(): void {
    // Moving an element takes it out and puts it back at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close()
    })
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (before === null || before === after) return
    this.#close()
    if (this.isConnected) this.connect().catch(() => undefined)
  }

  /** The client, made at the first call; after a failure the next call tries again. Rejects with an error whose `code` says why. */
  connect(): Promise<Client> {
    this.#connecting ??= this.#connect().catch(error => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  async #connect(): Promise<Client> {
    const { signal } = this.#stop
    const early = takeEarly(this.src)
    const file = early?.file ?? fetchFile(this.src, signal)
    // Whoever waits for it hears of it.
    file.catch(() => undefined)
    try {
      const [root, { connect }] = await Promise.all([this.root ?? configuredRoot(), import('./connect.ts')])
      const client = await connect({
        file,
        fetch: await early?.fetch,
        root,
        signal,
        noWasm: this.hasAttribute('no-wasm'),
      })
      if (signal.aborted) {
        await client.close()
        signal.throwIfAborted()
      }
      this.#client = client
      emit(this, 'muniment-ready', { detail: { client } })
      return client
    } catch (error) {
      if (!signal.aborted) {
        const message = error instanceof Error ? error.message : String(error)
        emit(this, 'muniment-network-error', { detail: { code: networkErrorCode(error), message } })
      }
      throw error
    }
  }

  #close(): void {
    this.#stop.abort(new DOMException('the network was changed', 'AbortError'))
    this.#stop = new AbortController()
    this.#client?.close().catch(() => undefined)
    this.#client = undefined
    this.#connecting = undefined
  }
}

/** What a failed `connect` comes to. A chunk of our own code that could not be loaded counts as no connection. */
export function networkErrorCode(error: unknown): NetworkErrorCode {
  const code = (error as { readonly code?: unknown } | null)?.code
  return code === 'wrong-network' || code === 'no-peers' ? code : 'offline'
}

/** The network that an element asks: its own, else the first of its document; a server that draws pages has none. */
export function networkOf(
  element: Element & { readonly network?: MunimentNetwork | undefined },
): MunimentNetwork | undefined {
  const found = element.network ?? element.ownerDocument?.querySelector('muniment-network')
  return found instanceof MunimentNetwork ? found : undefined
}

defineElement('muniment-network', MunimentNetwork)

declare global {
  interface HTMLElementTagNameMap {
    'muniment-network': MunimentNetwork
  }
}

// Where the script of an embed kit keeps what it asked for before the elements were there.

/** Of a page's bundles the first serves all. */
export const place: unique symbol = Symbol.for('muniment.bundle')

/** As the client asks questions over HTTP. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>

/** What was asked for a network's file. */
export type Early = {
  /** Its address. */
  readonly href: string
  readonly file: Promise<string>
  /** In place of the page's own; undefined where nobody was asked anything. */
  readonly fetch: Promise<Fetch | undefined>
}

/** Once: whoever asks again wants to know anew. */
export function takeEarly(src: string): Early | undefined {
  const bundle = (globalThis as { readonly [place]?: { early?: Early | undefined } })[place]
  const early = bundle?.early
  if (early?.href !== new URL(src, document.baseURI).href) return undefined
  bundle!.early = undefined
  return early
}

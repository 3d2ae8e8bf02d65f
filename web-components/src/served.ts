// Elements that a server drew beforehand (declarative shadow DOM), and that come to life here.

import { adoptStyles, type CSSResult, type LitElement } from 'lit'

/** The language in which a server drew the element; undefined where none did. */
export function takeOverDrawing(host: Element): string | undefined {
  const root = host.shadowRoot
  const language = root?.querySelector('[lang]')?.getAttribute('lang')
  if (!root || !language) return undefined
  // The style that stands inside was refused where the page's policy does not name it.
  adoptStyles(root, (host.constructor as typeof LitElement).elementStyles as CSSResult[])
  return language
}

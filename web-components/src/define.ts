/** Two versions of the elements may come to one page: the first that comes serves, and the other does no harm. */
export function defineElement(name: string, element: CustomElementConstructor): void {
  // A server that draws pages has the registry that Lit brings, or none.
  const { customElements, HTMLElement } = globalThis as {
    readonly customElements?: CustomElementRegistry
    readonly HTMLElement?: unknown
  }
  // There only what draws itself is an element: @lit-labs/ssr 4.1 takes all that follows one without a shadow for its inside.
  const isDrawn = HTMLElement !== undefined || 'elementStyles' in element
  if (isDrawn && customElements && !customElements.get(name)) customElements.define(name, element)
}

/** Two versions of the elements may come to one page: the first that comes serves, and the other does no harm. */
export function defineElement(name: string, element: CustomElementConstructor): void {
  // A server that draws pages knows no elements.
  const { customElements } = globalThis as { readonly customElements?: CustomElementRegistry }
  if (customElements && !customElements.get(name)) customElements.define(name, element)
}

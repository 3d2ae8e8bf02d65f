// Prints one element of a page, and nothing around it. A constructed style sheet, for a strict policy refuses any other.

const mark = 'data-muniment-print'

/** Returns when the person has printed, or thought better of it. */
export function printOnly(element: HTMLElement): void {
  const { adoptedStyleSheets } = document
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`@media print {
    body * { visibility: hidden }
    [${mark}], [${mark}] * { visibility: visible }
    [${mark}] { position: absolute; inset: 0 0 auto 0 }
  }`)
  element.setAttribute(mark, '')
  document.adoptedStyleSheets = [...adoptedStyleSheets, sheet]
  try {
    print()
  } finally {
    element.removeAttribute(mark)
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(each => each !== sheet)
  }
}

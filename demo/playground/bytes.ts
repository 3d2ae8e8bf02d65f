// The bytes of a proof, a page of them at a time, each a button.

import { type Part, partsOf, titleOf } from './parts.ts'

const shownMax = 256
/** What people know something about. */
const firstShown = 'document'

export type BytesView = {
  /** Another proof. */
  readonly open: (bytes: Uint8Array) => void
  readonly flip: (place: number) => void
}

type Elements = {
  readonly grid: HTMLElement
  readonly part: HTMLSelectElement
  readonly before: HTMLButtonElement
  readonly after: HTMLButtonElement
}

/** `tell` is given the bytes as they are now, and what was flipped at last. */
export function createBytesView(
  { grid, part, before, after }: Elements,
  tell: (bytes: Uint8Array, flipped: { readonly place: number; readonly part: string } | undefined) => void,
): BytesView {
  let original = new Uint8Array()
  let bytes = new Uint8Array()
  let parts: readonly Part[] = []
  let start = 0

  function draw(): void {
    const chosen = parts[part.selectedIndex] ?? parts[0]!
    const end = Math.min(start + shownMax, chosen.end)
    const places = Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i)
    grid.replaceChildren(...places.map(place => byteButton(place)))
    before.disabled = start === chosen.start && part.selectedIndex === 0
    after.disabled = end === chosen.end && part.selectedIndex === parts.length - 1
  }

  function byteButton(place: number): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.place = String(place)
    button.tabIndex = place === start ? 0 : -1
    show(button, place)
    return button
  }

  function show(button: HTMLButtonElement, place: number): void {
    const value = bytes[place]!.toString(16).padStart(2, '0')
    button.textContent = value
    button.setAttribute('aria-label', `Byte ${place}: ${value}`)
    button.setAttribute('aria-pressed', String(bytes[place] !== original[place]))
  }

  function flip(place: number): void {
    bytes[place]! ^= 1
    const button = grid.querySelector<HTMLButtonElement>(`[data-place="${place}"]`)
    if (button) show(button, place)
    const flipped = parts.find(each => place >= each.start && place < each.end)!
    tell(Uint8Array.from(bytes), { place, part: titleOf(flipped, parts) })
  }

  function turn(pages: 1 | -1): void {
    const chosen = parts[part.selectedIndex]!
    const next = start + pages * shownMax
    if (next >= chosen.start && next < chosen.end) start = next
    else {
      part.selectedIndex += pages
      const { start: first, end } = parts[part.selectedIndex]!
      start = pages === 1 ? first : first + Math.floor((end - first - 1) / shownMax) * shownMax
    }
    draw()
  }

  grid.addEventListener('click', ({ target }) => {
    const place = (target as HTMLElement).dataset.place
    if (place !== undefined) flip(Number(place))
  })
  grid.addEventListener('keydown', event => move(event, grid))
  part.addEventListener('change', () => {
    start = parts[part.selectedIndex]!.start
    draw()
  })
  before.addEventListener('click', () => turn(-1))
  after.addEventListener('click', () => turn(1))

  return {
    open(opened) {
      original = Uint8Array.from(opened)
      bytes = Uint8Array.from(opened)
      parts = partsOf(original)
      part.replaceChildren(...parts.map(each => new Option(`${titleOf(each, parts)} (${each.end - each.start} bytes)`)))
      part.selectedIndex = Math.max(
        0,
        parts.findIndex(({ name }) => name === firstShown),
      )
      start = parts[part.selectedIndex]!.start
      draw()
      tell(Uint8Array.from(bytes), undefined)
    },
    flip(place) {
      part.selectedIndex = parts.findIndex(each => place >= each.start && place < each.end)
      const { start: first } = parts[part.selectedIndex]!
      start = first + Math.floor((place - first) / shownMax) * shownMax
      draw()
      flip(place)
    },
  }
}

/** Arrow keys go from byte to byte: only one of them is a stop of the tab key. */
function move(event: KeyboardEvent, grid: HTMLElement): void {
  const buttons = [...grid.querySelectorAll('button')]
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
  const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -at,
    End: buttons.length - 1 - at,
  }
  const step = steps[event.key]
  const next = step === undefined ? undefined : buttons[at + step]
  if (next === undefined) return
  event.preventDefault()
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1
  next.focus()
}

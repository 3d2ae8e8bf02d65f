// What all pages share: the language, which is kept, and the page one is on.

import './root.ts'
import { arabicPage, type PortalLanguage, portalText, type ScriptedText } from './texts.ts'

/** Whoever came with a link waits for its check first. */
const statusAfterMs = location.hash.length > 1 ? 10_000 : 3_000
const storageKey = 'example-language'
const english = new Map<Element, string>()
const listeners: (() => void)[] = []
let language: PortalLanguage = 'en'

/** A text in the page's language. */
export function text(name: ScriptedText, values?: Readonly<Record<string, string>>): string {
  return portalText(name, language, values)
}

/** Runs now and whenever the language changes. */
export function inEachLanguage(draw: () => void): void {
  listeners.push(draw)
  draw()
}

function setLanguage(chosen: PortalLanguage): void {
  language = chosen
  document.documentElement.lang = chosen
  document.documentElement.dir = chosen === 'ar' ? 'rtl' : 'ltr'
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) translate(element, element.dataset.text!)
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
    const before = english.get(element) ?? element.getAttribute('aria-label')!
    english.set(element, before)
    element.setAttribute('aria-label', chosen === 'en' ? before : arabicPage[element.dataset.label!]!)
  }
  for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === chosen))
  }
  for (const draw of listeners) draw()
}

/** Words of one page, which the others do not load. */
export function addArabic(texts: Readonly<Record<string, string>>): void {
  Object.assign(arabicPage, texts)
  setLanguage(language)
}

function translate(element: HTMLElement, name: string): void {
  const before = english.get(element) ?? element.textContent!
  english.set(element, before)
  element.textContent = language === 'en' ? before : (arabicPage[name] ?? before)
}

/** What the page knows of the network stands in its footer, once there is nothing better to load. */
function showNetwork(): void {
  if (document.querySelector('muniment-network') === null) return
  const load = (): Promise<unknown> => import('@muniment/web-components/status')
  const quiet = setTimeout(load, statusAfterMs)
  document.addEventListener('muniment-verdict', () => {
    clearTimeout(quiet)
    load()
  })
}

function keptLanguage(): PortalLanguage {
  const asked = new URLSearchParams(location.search).get('lang')
  const kept = asked ?? localStorage.getItem(storageKey) ?? navigator.language
  return kept.startsWith('ar') ? 'ar' : 'en'
}

for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
  button.addEventListener('click', () => {
    const chosen = button.dataset.language === 'ar' ? 'ar' : 'en'
    localStorage.setItem(storageKey, chosen)
    setLanguage(chosen)
  })
}
for (const link of document.querySelectorAll<HTMLAnchorElement>('.site-header a')) {
  if (link.pathname === location.pathname.replace(/\.html$/, '')) link.setAttribute('aria-current', 'page')
}
setLanguage(keptLanguage())
showNetwork()

// What stands behind `#` says all: the element, its state, language, theme, colours and width. Nothing is loaded anew for another one.

import { directionOf } from '../../web-components/src/language.ts'
import { languages } from '../../web-components/src/messages/languages.ts'
import contrast from '../../web-components/themes/contrast.css?url'
import dsfr from '../../web-components/themes/dsfr.css?url'
import govuk from '../../web-components/themes/govuk.css?url'
import sgds from '../../web-components/themes/sgds.css?url'
import uswds from '../../web-components/themes/uswds.css?url'
import '@muniment/web-components'
import keysExample from './examples/keys.html?raw'
import recordExample from './examples/record.html?raw'
import signExample from './examples/sign.html?raw'
import statusExample from './examples/status.html?raw'
import verifyExample from './examples/verify.html?raw'
import { allStates, elements, statesOf } from './states.ts'

const themes: Readonly<Record<string, string>> = { none: '', govuk, uswds, dsfr, sgds, contrast }
const examples: Readonly<Record<string, string>> = {
  verify: verifyExample,
  record: recordExample,
  sign: signExample,
  keys: keysExample,
  status: statusExample,
}
/** What each switch offers; the first is meant where the address says nothing. */
const switches: Readonly<Record<string, readonly string[]>> = {
  lang: ['en', ...Object.keys(languages)],
  theme: Object.keys(themes),
  scheme: ['system', 'light', 'dark'],
  width: ['full', '320', '480', '768'],
}
/** Of design systems that are light only, or that choose by a mark of their own on the page. */
const lightThemes: readonly string[] = ['govuk', 'uswds', 'dsfr', 'sgds']

type Shown = Readonly<Record<string, string>> & { readonly element: string; readonly state: string }

const root = document.documentElement
const theme = document.createElement('link')
theme.rel = 'stylesheet'
const find = <Kind extends HTMLElement>(selector: string): Kind => document.querySelector<Kind>(selector)!

/** From the page's address; whatever is not known there counts for nothing. */
function read(): Shown {
  const asked = new URLSearchParams(location.hash.slice(1))
  const chosen = Object.entries(switches).map(([name, values]) => {
    const value = asked.get(name) ?? ''
    return [name, values.includes(value) ? value : values[0]!]
  })
  const [element, state] = [asked.get('element') ?? '', asked.get('state') ?? '']
  const known = statesOf(element, state).length > 0 ? { element, state } : { element: 'verify', state: 'form' }
  return { ...Object.fromEntries(chosen), ...known }
}

function addressOf(shown: Readonly<Record<string, string>>): string {
  const changed = Object.entries(shown).filter(([name, value]) => switches[name]?.[0] !== value)
  return `#${new URLSearchParams(changed)}`
}

async function show(): Promise<void> {
  const shown = read()
  const { element, state, lang, theme: themeName, scheme, width } = shown
  root.dataset.width = width
  root.dataset.scheme = lightThemes.includes(themeName!) ? 'light' : scheme
  await setTheme(themes[themeName!]!)
  drawStates(shown)
  for (const select of find<HTMLFormElement>('#switches').querySelectorAll('select')) select.value = shown[select.name]!
  find('#shown').textContent = `muniment-${element}: ${state}`
  find('#code').textContent = examples[element] ?? ''
  find('#copied').textContent = ''
  const stage = find('#stage')
  stage.replaceChildren()
  stage.lang = lang!
  stage.dir = directionOf(lang!)
  const { hash } = location
  const shows = statesOf(element, state).map(each => {
    const place = document.createElement('div')
    place.dataset.state = each.name
    stage.append(place)
    return each.show(place)
  })
  await Promise.all(shows)
  // For whoever takes pictures of it.
  if (location.hash === hash) stage.dataset.shown = hash
}

/** Resolves when the theme's style serves. */
function setTheme(address: string): Promise<void> {
  const wanted = address && new URL(address, document.baseURI).href
  if (theme.href === wanted) return Promise.resolve()
  theme.remove()
  theme.removeAttribute('href')
  if (!wanted) return Promise.resolve()
  theme.href = wanted
  return new Promise(resolve => {
    theme.addEventListener('load', () => resolve(), { once: true })
    document.head.append(theme)
  })
}

function drawStates(shown: Shown): void {
  const lists = elements.map(({ name, states }) => {
    const details = document.createElement('details')
    details.open = name === shown.element
    const summary = document.createElement('summary')
    summary.textContent = `muniment-${name}`
    const list = document.createElement('ul')
    for (const state of [...states.map(each => each.name), allStates]) {
      const link = document.createElement('a')
      link.href = addressOf({ ...shown, element: name, state })
      link.textContent = state
      if (details.open && state === shown.state) link.setAttribute('aria-current', 'page')
      const item = document.createElement('li')
      item.append(link)
      list.append(item)
    }
    details.append(summary, list)
    return details
  })
  find('#states').replaceChildren(...lists)
}

function fillSwitches(): void {
  const form = find<HTMLFormElement>('#switches')
  for (const select of form.querySelectorAll('select')) {
    for (const value of switches[select.name] ?? []) select.add(new Option(value, value))
  }
  form.addEventListener('change', ({ target }) => {
    const { name, value } = target as HTMLSelectElement
    location.hash = addressOf({ ...read(), [name]: value })
  })
}

find('#copy').addEventListener('click', async () => {
  const isCopied = await navigator.clipboard?.writeText(find('#code').textContent ?? '').then(
    () => true,
    () => false,
  )
  find('#copied').textContent = isCopied ? 'Copied.' : 'It could not be copied.'
})
fillSwitches()
addEventListener('hashchange', () => show().catch(reportError))
show().catch(reportError)

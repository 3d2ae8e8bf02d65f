// The single file: the check of a document with its proof, from a disk and without a network. It says whom it trusts: this
// file's code, this root, this clock, and no more (security rule 6).

import { checkpoint, parseNetwork, secondsBetween, type Timestamp, timeFromMilliseconds } from '@muniment/sdk'
import { html, render, type TemplateResult } from 'lit'
import { configure } from '../configure.ts'
import { formatAge, formatCount, formatDate } from '../format.ts'
import { directionOf } from '../language.ts'
import { fill, renderParts } from '../text.ts'
import '../network/network.ts'
import '../verify/verify.ts'
import { plan } from './single-plan.ts'
import { singleTexts } from './single-texts.ts'

configure({ root: plan.root })

const refreshMs = 60_000
const wanted = navigator.languages.map(tag => tag.split('-')[0]!).find(tag => Object.hasOwn(singleTexts, tag))
const language = navigator.languages.find(tag => tag.startsWith(wanted ?? 'en')) ?? 'en'
const texts = singleTexts[wanted ?? 'en']!

document.documentElement.lang = language
document.documentElement.dir = directionOf(language)
document.title = texts.title

function page(): TemplateResult {
  return html`<main>
    <h1>${texts.title}</h1>
    <p>${texts.intro}</p>
    <p>${texts.needs}</p>
    <muniment-network></muniment-network>
    <muniment-verify accept="file paste"><h2 slot="heading">${texts.proofHeading}</h2></muniment-verify>
    <section aria-labelledby="trust">
      <h2 id="trust">${texts.trustHeading}</h2>
      <ul id="facts"></ul>
      <p><small>${texts.hash}</small></p>
    </section>
  </main>`
}

/** What changes with the time that goes by. */
function facts(now: Timestamp): TemplateResult {
  const { chainId, checkpoint: signed } = parseNetwork(plan.network)
  const { height, issuedAt, expiresAt } = checkpoint.decode(signed.checkpoint)
  const style = { language, withTime: false, unknown: '?' }
  const isOver = secondsBetween(now, expiresAt) <= 0
  const lines = [
    fill(texts.who, { version: plan.version, network: chainId }),
    fill(texts.begins, {
      height: formatCount(height, language),
      date: formatDate(issuedAt, style),
      age: formatAge(Math.max(0, secondsBetween(issuedAt, now)), language),
    }),
    isOver ? fill(texts.over, {}) : fill(texts.ends, { date: formatDate(expiresAt, style) }),
    fill(texts.clock, { date: formatDate(now, { ...style, withTime: true }) }),
  ]
  return html`${lines.map(line => html`<li>${renderParts(line)}</li>`)}`
}

function tell(): void {
  render(facts(timeFromMilliseconds(Date.now())), document.getElementById('facts')!)
}

document.body.replaceChildren()
render(page(), document.body)
tell()
setInterval(tell, refreshMs)

import type { StepState } from '@muniment/sdk'
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit'
import type { Tone } from './describe.ts'

const tick = svg`<path d="m7 12.5 3.5 3.5L17 9" />`
const cross = svg`<path d="m8.5 8.5 7 7m0-7-7 7" />`
const question = svg`<path d="M9.2 9.3a2.8 2.8 0 1 1 4.1 2.5c-.9.5-1.3 1-1.3 2M12 16.9v.2" />`
const clock = svg`<path d="M12 7v5l3.2 2" />`
const bar = svg`<path d="M8 12h8" />`
const arc = svg`<path d="M12 3a9 9 0 0 1 9 9" />`

const toneMarks: Readonly<Record<Tone, SVGTemplateResult>> = {
  good: tick,
  stale: clock,
  ended: bar,
  bad: cross,
  unknown: question,
}

const stepMarks: Readonly<Record<StepState, SVGTemplateResult | undefined>> = {
  waiting: undefined,
  running: arc,
  pass: tick,
  fail: cross,
  unknown: question,
  skipped: bar,
}

/** Nothing is said by an icon alone: a word always stands beside it. */
export function toneIcon(tone: Tone): TemplateResult {
  return icon(svg`<circle cx="12" cy="12" r="9" />${toneMarks[tone]}`)
}

export function stepIcon(state: StepState): TemplateResult {
  const ring = state === 'running' ? undefined : svg`<circle cx="12" cy="12" r="9" />`
  return icon(svg`${ring}${stepMarks[state]}`)
}

function icon(mark: SVGTemplateResult): TemplateResult {
  return html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${mark}
  </svg>`
}

// Phases of <muniment-sign> in which others have a part, drawn: other signers, or the identity page. Loaded when they have.

import { html, type TemplateResult } from 'lit'
import { keysMessages } from '../messages/keys.ts'
import type { Words } from '../verify/describe.ts'
import type { Course } from './course.ts'
import { addAnswer, declineProposed, handIn, takeBack } from './course-others.ts'
import { renderDeclining, renderGathering } from './gather.ts'
import type { OthersPhase } from './phase.ts'
import { renderNotice } from './render.ts'
import { renderElsewhere } from './render-elsewhere.ts'

export type OthersGiven = {
  readonly run: (step: (course: Course) => Promise<void>) => void
  readonly enter: Course['enter']
  readonly reset: () => void
}

export function renderOthers(words: Words, phase: OthersPhase, { run, enter, reset }: OthersGiven): TemplateResult {
  switch (phase.name) {
    case 'declining': {
      const { prepared } = phase
      const decline = (reason: string): void => run(course => declineProposed(course, prepared, reason))
      const back = (): void => enter({ name: 'review', prepared })
      return html`<div class="panel appear" part="declining">${renderDeclining(words, { decline, back })}</div>`
    }
    case 'gathering': {
      const { prepared, standing } = phase
      const actions = {
        handIn: () => run(course => handIn(course, prepared)),
        takeBack: () => run(course => takeBack(course, prepared)),
        add: (text: string) => run(course => addAnswer(course, prepared, text)),
        again: reset,
      }
      return html`<div class="panel appear" part="gathering">
        ${renderGathering(words, { prepared, standing, actions })} ${renderNotice(words, phase.notice)}
      </div>`
    }
    case 'elsewhere':
      return renderElsewhere(words, phase.sent, reset)
    case 'acted':
      return renderActed(words, reset)
  }
}

/** After the ledger has an act that is no record. */
function renderActed({ messages, language }: Words, again: () => void): TemplateResult {
  return html`<div class="panel appear done" part="done">
    <h3 class="phase-heading" tabindex="-1">${messages.sign.doneHeading}</h3>
    <p>${keysMessages(language).done}</p>
    <div class="actions"><button type="button" part="button" @click=${again}>${messages.sign.again}</button></div>
  </div>`
}

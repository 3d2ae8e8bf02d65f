// The form of <muniment-verify>: a field for text, a file by picker or drop, and what is wrong with what was given.

import { html, nothing, type TemplateResult } from 'lit'
import type { InputProblem } from '../messages/messages.ts'
import type { Words } from './describe.ts'
import type { Way } from './input.ts'

/** A summary as GOV.UK has it: it takes the focus, says what is wrong, and leads to the field. */
export function renderProblem(problem: InputProblem, { messages }: Words, go: () => void): TemplateResult {
  const { verify, inputProblems } = messages
  return html`<div class="error-summary" part="error-summary" role="alert" tabindex="-1">
    <h3>${verify.problem}</h3>
    <p><button type="button" class="plain" @click=${go}>${inputProblems[problem]}</button></p>
  </div>`
}

export type FormView = {
  readonly text: string
  readonly ways: ReadonlySet<Way>
  readonly problem: InputProblem | undefined
  readonly type: (text: string) => void
  readonly check: () => void
  readonly choose: (file: File) => void
  /** The camera is on: what leads to it, and what stands above all, is not shown. */
  readonly scanning: boolean
  /** Left out where the page or the browser has no camera. */
  readonly scan: (() => void) | undefined
}

/** The field is there wherever a camera is: what it does not read can be typed. */
export function renderForm(words: Words, view: FormView): TemplateResult {
  const { verify } = words.messages
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    view.check()
  }
  const hasField = view.ways.has('paste') || view.ways.has('camera')
  return html`${view.scanning ? nothing : html`<slot name="intro"><p part="intro">${verify.intro}</p></slot>`}
    <form class="form no-print" novalidate @submit=${submit}>
      ${renderChoices(words, view)}
      ${hasField ? renderField(words, view) : nothing}
      <p class="muted">${verify.privacy}</p>
    </form>`
}

function renderChoices(
  { messages: { verify } }: Words,
  { ways, scanning, scan: begin, choose }: FormView,
): TemplateResult | undefined {
  const scan = scanning ? undefined : begin
  const hasFiles = ways.has('file') || ways.has('pdf') || ways.has('qr')
  if (!hasFiles && !scan) return undefined
  const pick = ({ currentTarget }: Event): void => {
    const input = currentTarget as HTMLInputElement
    const file = input.files?.[0]
    // The same file may be chosen again.
    input.value = ''
    if (file) choose(file)
  }
  return html`<div class="dropzone" part="dropzone">
    ${scan ? html`<button type="button" class="primary" part="button-primary" id="scan" @click=${scan}>${verify.scan}</button>` : nothing}
    ${
      hasFiles
        ? html`<input class="file visually-hidden" id="file" type="file" @change=${pick} />
            <label class="file-label" part="button" for="file">${verify.choose}</label>
            <span class="muted">${verify.drop}</span>`
        : nothing
    }
  </div>`
}

function renderField({ messages: { verify } }: Words, view: FormView): TemplateResult {
  return html`<div>
      <label class="text-label" for="input">${verify.inputLabel}</label>
      <textarea
        id="input"
        part="input"
        rows="3"
        dir="ltr"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-describedby="hint"
        aria-invalid=${view.problem ? 'true' : nothing}
        .value=${view.text}
        @input=${({ currentTarget }: Event) => view.type((currentTarget as HTMLTextAreaElement).value)}
      ></textarea>
      <p class="muted" id="hint">${verify.inputHint}</p>
    </div>
    <div class="actions" part="actions">
      <button type="submit" class="primary" part="button-primary">${verify.check}</button>
    </div>`
}

/** What the camera sees, while it is on. */
export function renderCamera({ messages: { verify } }: Words, stop: () => void): TemplateResult {
  return html`<div class="camera" part="camera">
    <video part="video" muted playsinline aria-label=${verify.cameraLabel}></video>
    <button type="button" part="button" id="stop" @click=${stop}>${verify.stopCamera}</button>
  </div>`
}

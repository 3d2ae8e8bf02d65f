// The form of <muniment-verify>: a field for text, a file by picker or drop, and what is wrong with what was given.

import { limits } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import type { Words } from './describe.ts'

/** Names of texts in messages.verify. */
export type InputProblem = 'emptyInput' | 'inputTooLong'

/** What no check is begun with. A file's size is known before it is read. */
export function problemOf(input: string | Uint8Array | { readonly size: number }): InputProblem | undefined {
  if (typeof input === 'string') {
    if (input.trim() === '') return 'emptyInput'
    return input.length > limits.linkLengthMax ? 'inputTooLong' : undefined
  }
  const size = input instanceof Uint8Array ? input.length : input.size
  if (size === 0) return 'emptyInput'
  return size > limits.bundleBytesMax ? 'inputTooLong' : undefined
}

/** A summary as GOV.UK has it: it takes the focus, says what is wrong, and leads to the field. */
export function renderProblem(problem: InputProblem, { messages: { verify } }: Words, go: () => void): TemplateResult {
  return html`<div class="error-summary" part="error-summary" role="alert" tabindex="-1">
    <h3>${verify.problem}</h3>
    <p><button type="button" class="plain" @click=${go}>${verify[problem]}</button></p>
  </div>`
}

export function renderForm(
  { messages: { verify } }: Words,
  given: {
    readonly text: string
    readonly problem: InputProblem | undefined
    readonly type: (text: string) => void
    readonly check: () => void
    readonly choose: (file: File) => void
  },
): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    given.check()
  }
  const pick = ({ currentTarget }: Event): void => {
    const file = (currentTarget as HTMLInputElement).files?.[0]
    if (file) given.choose(file)
  }
  return html`<slot name="intro"><p part="intro">${verify.intro}</p></slot>
    <form class="form no-print" novalidate @submit=${submit}>
      <div>
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
          aria-invalid=${given.problem ? 'true' : nothing}
          .value=${given.text}
          @input=${({ currentTarget }: Event) => given.type((currentTarget as HTMLTextAreaElement).value)}
        ></textarea>
        <p class="muted" id="hint">${verify.inputHint}</p>
      </div>
      <div class="dropzone" part="dropzone">
        <input class="file visually-hidden" id="file" type="file" @change=${pick} />
        <label class="file-label" part="button" for="file">${verify.choose}</label>
        <span class="muted">${verify.drop}</span>
      </div>
      <div class="actions" part="actions">
        <button type="submit" class="primary" part="button-primary">${verify.check}</button>
      </div>
      <p class="muted">${verify.privacy}</p>
    </form>`
}

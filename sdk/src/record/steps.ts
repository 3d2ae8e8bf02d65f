// The steps of a check as people see them: which one runs, and how each ended.

import { type Step, type StepCode, type StepState, stepCodes } from './verdict.ts'

/** A check on its way. */
export type Check = {
  readonly current: StepCode
  readonly begin: (code: StepCode) => void
  readonly skip: (code: StepCode) => void
  /** The current step and those after it stay undone. */
  readonly finish: (state: StepState) => readonly Step[]
  /** All passed up to the one that failed; undefined: all passed. */
  readonly judge: (failed: StepCode | undefined, state: StepState) => readonly Step[]
}

/** `onSteps` is called with all steps whenever one changes. */
export function createCheck(onSteps: ((steps: readonly Step[]) => void) | undefined): Check {
  const states = new Map<StepCode, StepState>(stepCodes.map(code => [code, 'waiting']))
  let current: StepCode = 'read'
  const list = (): readonly Step[] => stepCodes.map(code => ({ code, state: states.get(code)! }))
  function set(code: StepCode, state: StepState): void {
    if (states.get(code) !== 'skipped') states.set(code, state)
  }
  return {
    get current() {
      return current
    },
    begin(code) {
      for (const before of stepCodes.slice(0, stepCodes.indexOf(code))) set(before, 'pass')
      current = code
      set(code, 'running')
      onSteps?.(list())
    },
    skip: code => states.set(code, 'skipped'),
    finish(state) {
      set(current, state)
      for (const after of stepCodes.slice(stepCodes.indexOf(current) + 1)) set(after, 'skipped')
      onSteps?.(list())
      return list()
    },
    judge(failed, state) {
      const at = failed === undefined ? stepCodes.length : stepCodes.indexOf(failed)
      stepCodes.forEach((code, index) => {
        set(code, index < at ? 'pass' : index === at ? state : 'skipped')
      })
      onSteps?.(list())
      return list()
    },
  }
}

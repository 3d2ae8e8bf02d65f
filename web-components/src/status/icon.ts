import type { TemplateResult } from 'lit'
import type { Tone } from '../verify/describe.ts'
import { stepIcon, toneIcon } from '../verify/icons.ts'
import type { StatusState } from './view.ts'

const tones: Readonly<Record<Exclude<StatusState, 'idle' | 'asking'>, Tone>> = {
  confirmed: 'good',
  checked: 'good',
  alone: 'unknown',
  offline: 'stale',
  unproved: 'unknown',
  contradiction: 'bad',
}

/** Of the same marks as verdicts have. */
export function stateIcon(state: StatusState): TemplateResult {
  if (state === 'asking') return stepIcon('running')
  return state === 'idle' ? stepIcon('waiting') : toneIcon(tones[state])
}

// In the single file stands this in place of what reads QR codes: a proof is too large for one, and nobody is asked.

import { InputError } from '../verify/input.ts'

export function readPicture(): Promise<never> {
  return Promise.reject(new InputError('not-accepted'))
}

export function scan(): Promise<never> {
  return Promise.reject(new InputError('camera-none'))
}

// The camera of one element: on for one scan at a time, off as soon as anything else begins. What drives it comes when it is used.

import { unlessAborted } from '../signals.ts'
import { InputError, loaded } from './input.ts'

type ScannerHost = {
  /** Where the camera's picture is shown, once it stands there. */
  readonly video: () => Promise<HTMLVideoElement>
  /** Names of texts in messages.verify. */
  readonly say: (text: 'cameraAsking' | 'cameraOpen' | 'cameraForeign') => void
}

export type Scanner = {
  readonly isOn: () => boolean
  /** The text of a record's QR code; undefined where it was stopped before. Rejects with InputError. */
  readonly start: () => Promise<string | undefined>
  readonly stop: () => void
}

export function createScanner({ video, say }: ScannerHost): Scanner {
  let scanning: AbortController | undefined

  function stop(): void {
    const stopped = scanning
    scanning = undefined
    stopped?.abort()
  }

  async function start(): Promise<string | undefined> {
    stop()
    const own = new AbortController()
    const { signal } = own
    scanning = own
    say('cameraAsking')
    try {
      const { scan } = await unlessAborted(loaded(import('./camera.ts')), signal)
      const onOpen = (): void => say('cameraOpen')
      const text = await scan(await video(), { signal, onOpen, onForeign: () => say('cameraForeign') })
      return scanning === own ? text : undefined
    } catch (error) {
      if (scanning !== own) return undefined
      if (error instanceof InputError) throw error
      // A fault of ours: told to developers.
      reportError(error)
      throw new InputError('camera-busy')
    } finally {
      if (scanning === own) scanning = undefined
    }
  }

  return { isOn: () => scanning !== undefined, start, stop }
}

/** None where the page is not served by HTTPS. A server that draws pages has none either. */
export function hasCamera(): boolean {
  return globalThis.navigator?.mediaDevices?.getUserMedia !== undefined
}

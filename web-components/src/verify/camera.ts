// The camera: from the browser's question to the text of a record's QR code. Whatever happens, the camera is off again afterwards.

import { limits } from '@muniment/sdk'
import { unlessAborted } from '../signals.ts'
import { InputError, isRecordText } from './input.ts'
import { createQrReader, pixelsOf } from './read-qr.ts'

export type ScanOptions = {
  /** Aborted, it ends with `camera-cancelled`. */
  readonly signal: AbortSignal
  /** The camera gives pictures. */
  readonly onOpen: () => void
  /** A QR code that is no record's. The scan goes on. */
  readonly onForeign: () => void
}

/** Shows the camera in `video` until it sees a record's QR code; answers its text. Rejects with InputError. */
export async function scan(video: HTMLVideoElement, options: ScanOptions): Promise<string> {
  const stop = new AbortController()
  const end = (code: ConstructorParameters<typeof InputError>[0]) => (): void => stop.abort(new InputError(code))
  const cancel = end('camera-cancelled')
  const hide = (): void => {
    if (document.hidden) end('camera-hidden')()
  }
  if (options.signal.aborted) cancel()
  options.signal.addEventListener('abort', cancel, { once: true })
  document.addEventListener('visibilitychange', hide)
  const late = setTimeout(end('camera-timeout'), limits.scanTimeoutMs)
  let stream: MediaStream | undefined
  try {
    stream = await openCamera(stop.signal)
    for (const track of stream.getTracks()) track.addEventListener('ended', end('camera-ended'))
    video.srcObject = stream
    await unlessAborted(video.play(), stop.signal).catch(error => {
      stop.signal.throwIfAborted()
      throw problemOfCamera(error)
    })
    options.onOpen()
    return await firstRecord(video, stop.signal, options.onForeign)
  } finally {
    clearTimeout(late)
    options.signal.removeEventListener('abort', cancel)
    document.removeEventListener('visibilitychange', hide)
    stopTracks(stream)
    video.srcObject = null
  }
}

/** One that is opened after nobody waits for it any more is closed at once. */
function openCamera(signal: AbortSignal): Promise<MediaStream> {
  const { mediaDevices } = navigator as { readonly mediaDevices?: MediaDevices }
  if (!mediaDevices?.getUserMedia) return Promise.reject(new InputError('camera-none'))
  const { width, height } = { width: { ideal: 1_280 }, height: { ideal: 720 } }
  const asked = mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment', width, height } })
  asked.then(stream => signal.aborted && stopTracks(stream)).catch(() => undefined)
  return unlessAborted(
    asked.catch(error => {
      throw problemOfCamera(error)
    }),
    signal,
  )
}

function stopTracks(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

/** Names of errors by Media Capture and Streams, 10.2. */
function problemOfCamera(error: unknown): InputError {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return new InputError('camera-none')
  if (name === 'NotAllowedError' || name === 'SecurityError') return new InputError('camera-denied')
  return new InputError('camera-busy')
}

async function firstRecord(video: HTMLVideoElement, signal: AbortSignal, onForeign: () => void): Promise<string> {
  const read = await unlessAborted(createQrReader(), signal)
  const canvas = document.createElement('canvas')
  for (;;) {
    const { videoWidth: width, videoHeight: height } = video
    const pixels = pixelsOf(video, { canvas, width, height, sideMax: limits.frameSideMax })
    const text = pixels && (await unlessAborted(read(pixels), signal))
    if (text !== undefined && isRecordText(text)) return text
    if (text !== undefined) onForeign()
    await unlessAborted(new Promise(resolve => setTimeout(resolve, limits.framePauseMs)), signal)
  }
}

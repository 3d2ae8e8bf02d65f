// Ends of waiting: signals that are joined, and questions that end though nobody answers.

/** Aborts when the first of them does, with its reason: AbortSignal.any, which browsers of 2023 do not have. */
export function joinSignals(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const joined = new AbortController()
  for (const signal of signals) {
    if (signal === undefined) continue
    if (signal.aborted) joined.abort(signal.reason)
    // The listener goes with the first that fires: a long-lived signal collects none.
    else signal.addEventListener('abort', () => joined.abort(signal.reason), { once: true, signal: joined.signal })
  }
  return joined.signal
}

/** The answer, or the signal's reason as soon as there is one, whatever the question is still doing. */
export function unlessAborted<T>(question: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return question
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    question.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

// Custom states, `:state(busy)` in style sheets. Chromium before 125 wants them with two dashes, and knows them as `:--busy`.

/** The element has this state and no other. */
export function showState({ states }: ElementInternals, state: string): void {
  if (states === undefined) return
  states.clear()
  try {
    states.add(state)
  } catch {
    states.add(`--${state}`)
  }
}

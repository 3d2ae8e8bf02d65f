// Which demo a test acts upon: each worker has its own, so that tests run side by side. Handed on in the environment.

export type Place = {
  /** Of the portal. */
  readonly portal: string
  /** The folder of the demo's node and portal. */
  readonly home: string
  readonly startMs: number
}

/** Said by the setup. */
export function offerPlace(index: number, { portal, home, startMs }: Place): void {
  process.env[`MUNIMENT_PLACE_${index}`] = JSON.stringify({ portal, home, startMs })
}

/** In a worker: the place of its own becomes the one that its tests know. */
export function takePlace(): void {
  const offered = process.env[`MUNIMENT_PLACE_${process.env.TEST_PARALLEL_INDEX}`]
  if (offered === undefined) return
  const { portal, home, startMs } = JSON.parse(offered) as Place
  process.env.MUNIMENT_PORTAL = portal
  process.env.MUNIMENT_DEMO_HOME = home
  process.env.MUNIMENT_START_MS = String(startMs)
}

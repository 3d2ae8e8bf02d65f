// Types for the elements as JSX tags: `<muniment-verify auto onmuniment-verdict={…}>`. React 19, Preact and Solid listen to the event
// whose name stands behind `on`, and set properties where an element has them. Only types: importing this loads nothing.

import type { MunimentEvent, MunimentEvents } from './events.ts'
import type { ElementAttributes, elementEvents, PropertyNames } from './manifest.generated.ts'
import type { MunimentNetwork } from './network/network.ts'
import type { MunimentRecord } from './record/record.ts'
import type { MunimentKeys } from './sign/keys.ts'
import type { MunimentSign } from './sign/sign.ts'
import type { MunimentStatus } from './status/status.ts'
import type { MunimentVerify } from './verify/verify.ts'

/** The element of each tag. */
export type ElementOf = {
  'muniment-keys': MunimentKeys
  'muniment-network': MunimentNetwork
  'muniment-record': MunimentRecord
  'muniment-sign': MunimentSign
  'muniment-status': MunimentStatus
  'muniment-verify': MunimentVerify
}

type EventNames = typeof elementEvents
export type EventName<Tag extends keyof ElementOf> = EventNames[Tag][keyof EventNames[Tag]] & keyof MunimentEvents

/** Properties, attributes and events of a tag, and what every element takes. */
export type MunimentProps<Tag extends keyof ElementOf> = Partial<
  Pick<ElementOf[Tag], PropertyNames[Tag] & keyof ElementOf[Tag]>
> &
  ElementAttributes[Tag] & {
    readonly [Name in EventName<Tag> as `on${Name}`]?: (event: MunimentEvent<Name>) => void
  } & CommonProps<ElementOf[Tag]>

/** To be merged into a framework's `JSX.IntrinsicElements`. */
export type MunimentElements = { [Tag in keyof ElementOf]: MunimentProps<Tag> }

type CommonProps<Element> = {
  readonly id?: string
  readonly class?: string
  readonly className?: string
  readonly lang?: string
  readonly dir?: string
  readonly title?: string
  readonly slot?: string
  readonly hidden?: boolean
  readonly children?: unknown
  readonly key?: string | number | bigint | null
  readonly ref?: ((element: Element | null) => void) | { current: Element | null } | null
  readonly [data: `data-${string}` | `aria-${string}`]: unknown
}

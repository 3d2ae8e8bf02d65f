// How an element becomes a React component: properties as properties, events as typed properties, a ref to the element.

import { createComponent } from '@lit/react'
import * as React from 'react'
import type { MunimentEvent, MunimentEvents } from '../events.ts'
import type { ElementOf } from '../jsx.ts'
import { elementEvents, type PropertyNames } from '../manifest.generated.ts'

type EventProps<Tag extends keyof ElementOf> = {
  readonly [Prop in keyof (typeof elementEvents)[Tag]]?: (
    event: MunimentEvent<(typeof elementEvents)[Tag][Prop] & keyof MunimentEvents>,
  ) => void
}

type OwnProps<Tag extends keyof ElementOf> = Partial<Pick<ElementOf[Tag], PropertyNames[Tag] & keyof ElementOf[Tag]>> &
  EventProps<Tag>

export type MunimentComponent<Tag extends keyof ElementOf> = React.ForwardRefExoticComponent<
  OwnProps<Tag> & Omit<React.HTMLAttributes<ElementOf[Tag]>, keyof OwnProps<Tag>> & React.RefAttributes<ElementOf[Tag]>
>

export function componentOf<Tag extends keyof ElementOf>(
  tagName: Tag,
  elementClass: new () => ElementOf[Tag],
): MunimentComponent<Tag> {
  const events: Record<string, string> = elementEvents[tagName]
  const component: unknown = createComponent({ react: React, tagName, elementClass, events })
  return component as MunimentComponent<Tag>
}

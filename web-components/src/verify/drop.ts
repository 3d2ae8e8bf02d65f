// Files that are dropped on an element or pasted into it.

export type DropTarget = {
  /** Whether it takes one now; else the page may. */
  readonly isFree: () => boolean
  readonly dragging: (isOver: boolean) => void
  readonly take: (file: File) => void
}

export function takeDroppedFiles(element: HTMLElement, { isFree, dragging, take }: DropTarget): void {
  const takeFrom = (event: Event, files: DataTransfer | null): void => {
    const file = files?.files[0]
    if (!isFree() || !file) return
    event.preventDefault()
    take(file)
  }
  const end = (): void => {
    if (isFree()) dragging(false)
  }
  element.addEventListener('dragover', event => {
    if (!isFree() || !event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    dragging(true)
  })
  element.addEventListener('dragleave', end)
  element.addEventListener('drop', event => {
    end()
    takeFrom(event, event.dataTransfer)
  })
  element.addEventListener('paste', event => takeFrom(event, event.clipboardData))
}

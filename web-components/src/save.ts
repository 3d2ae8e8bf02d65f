// Files for whoever uses the page.

/** Hands it to the browser as a file. The page's policy need allow nothing for it. */
export function saveFile(content: string | Uint8Array, name: string): void {
  const type = typeof content === 'string' ? 'application/json' : 'application/octet-stream'
  const url = URL.createObjectURL(new Blob([typeof content === 'string' ? content : new Uint8Array(content)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // After the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

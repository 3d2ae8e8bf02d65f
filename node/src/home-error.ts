// What an operator must put right: said in one sentence, never as a stack.

export type HomeErrorCode =
  | 'home-locked'
  | 'home-corrupt'
  | 'home-sealed'
  | 'home-other-chain'
  | 'blocks-lost'
  | 'disk-full'
  | 'permission'
  | 'file-malformed'
  | 'port-in-use'
  | 'signer-refused'

/** The message is a whole sentence for the operator; `cause` keeps what the system said. */
export class HomeError extends Error {
  override readonly name = 'HomeError'
  readonly code: HomeErrorCode

  constructor(code: HomeErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** A HomeError for what the file system or LevelDB said about `path`; undefined when it is none of the known causes. */
export function systemError(error: unknown, path: string): HomeError | undefined {
  if (error instanceof HomeError) return error
  const text = allMessages(error)
  if (/LEVEL_LOCKED|already held|\block\b.*(held|unavailable)/i.test(text)) {
    return new HomeError('home-locked', `Another process is using ${path}; stop it first.`, error)
  }
  if (/ENOSPC|EDQUOT|no space left|quota exceeded/i.test(text)) {
    return new HomeError('disk-full', `The disk that holds ${path} is full; make room and start again.`, error)
  }
  if (/EACCES|EPERM|EROFS|permission denied|read-only/i.test(text)) {
    return new HomeError('permission', `There is no permission to read and write ${path}.`, error)
  }
  if (/LEVEL_CORRUPTION|corruption|does not exist \(create_if_missing|checksum mismatch/i.test(text)) {
    return new HomeError('home-corrupt', `The data in ${path} is damaged; restore it from a backup.`, error)
  }
  return undefined
}

/** Messages and codes of an error and its causes, at most eight deep. */
function allMessages(error: unknown): string {
  const parts: string[] = []
  let next = error
  for (let depth = 0; depth < 8 && next instanceof Error; depth++) {
    parts.push(String((next as { code?: unknown }).code ?? ''), next.message)
    next = next.cause
  }
  return parts.join(' ')
}

export declare const published: readonly string[]
export declare function npm(args: readonly string[], options?: { readonly cwd?: string }): string
export declare function packPublished(): readonly {
  readonly folder: string
  readonly name: string
  readonly tarball: string
  readonly bytes: number
  readonly files: readonly string[]
}[]

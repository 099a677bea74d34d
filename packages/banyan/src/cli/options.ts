/** An option of a command. */
export interface Option {
  readonly type: 'text' | 'flag'
  /** What stands for the value in help: `FILE`. */
  readonly value?: string
  readonly short?: string
  /** One phrase, with the default where there is one. */
  readonly help: string
}
export type Options = Readonly<Record<string, Option>>

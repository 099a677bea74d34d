import type { Setting } from '../model/setting.ts'

/** Where units are reached, by name: one address, or one for each replica. */
export type Addresses = Readonly<Record<string, string | readonly string[]>>

export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly addresses: Addresses
}

export function setting(given: Setting | undefined, { variables }: Pick<Environment, 'variables'>): string | undefined {
  if (given === undefined || typeof given === 'string') return given
  return variables[given.name] ?? given.fallback
}

/** Several addresses in one text have commas between them. */
export function urlsOf(said: string | readonly string[] | undefined): readonly string[] {
  const urls = typeof said === 'string' ? said.split(',') : (said ?? [])
  return urls.map((url) => url.trim())
}

import type { Path } from './pointer.ts'

/** A map of a file that nothing is known about yet. */
export type Written = Readonly<Record<string, unknown>>

/** A value as a map; an empty one where it is something else. */
export function asMap(value: unknown): Written {
  return isMap(value) ? value : {}
}

export function isMap(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a list; an empty one where it is something else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Puts another value at a path that exists. */
export function replaceAt(root: unknown, path: Path, value: unknown): void {
  const holder = path.slice(0, -1).reduce((at, step) => (at as Record<string | number, unknown>)[step], root) as Record<string | number, unknown>
  holder[path.at(-1)!] = value
}

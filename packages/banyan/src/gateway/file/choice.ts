import { nearest } from '../../kernel/nearest.ts'

/** `there are blog, shop. Did you mean blog?`: what could have been meant, for the end of a message. */
export function choice(given: string, there: readonly string[]): string {
  if (there.length === 0) return 'there are none'
  const meant = there.find((word) => word.toLowerCase() === given.toLowerCase()) ?? nearest(given, there)
  const list = `there ${there.length === 1 ? 'is' : 'are'} ${there.join(', ')}`
  return meant === undefined ? list : `${list}. Did you mean ${meant}?`
}

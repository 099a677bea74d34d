/**
 * The coding that a client likes best of those offered, in the order of the offer where it likes several equally; `undefined`: none, and the
 * body goes as it is. A client that says nothing gets it as it is as well (RFC 9110 §12.5.3).
 */
export function preferredCoding<C extends string>(acceptEncoding: string | undefined, offered: readonly C[]): C | undefined {
  if (acceptEncoding === undefined) return undefined
  const weights = weightsOf(acceptEncoding)
  const any = weights.get('*') ?? 0
  let best: C | undefined
  let most = 0
  for (const coding of offered) {
    const weight = weights.get(coding) ?? any
    if (weight > most) [best, most] = [coding, weight]
  }
  // as it is only where the client says that it likes that better
  return (weights.get('identity') ?? 0) > most ? undefined : best
}

const weight = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

function weightsOf(acceptEncoding: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const member of acceptEncoding.split(',')) {
    const [coding = '', ...parameters] = member.split(';').map((part) => part.trim().toLowerCase())
    const [said = 'q=1'] = parameters
    // what cannot be read is not taken for a wish
    if (coding !== '') weights.set(coding === 'x-gzip' ? 'gzip' : coding, Number(weight.exec(said)?.[1] ?? 0))
  }
  return weights
}

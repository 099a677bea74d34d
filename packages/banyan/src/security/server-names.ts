/** Things by the names of servers: exact ones, and `*.example.com` for those with one label in its place (RFC 9525 §6.3). */
export class ServerNames<Value> {
  readonly #values = new Map<string, Value>()

  /** Adds a name, unless it is there. Returns what has it already. */
  add(name: string, value: Value): Value | undefined {
    const lower = name.toLowerCase()
    const there = this.#values.get(lower)
    if (there === undefined) this.#values.set(lower, value)
    return there
  }

  /** What a name stands for: the exact one goes before `*`. A name that begins with `*` stands for itself alone. */
  find(name: string): Value | undefined {
    const lower = name.toLowerCase()
    const dot = lower.indexOf('.')
    return this.#values.get(lower) ?? (dot > 0 && !lower.startsWith('*') ? this.#values.get(`*${lower.slice(dot)}`) : undefined)
  }
}

import { BanyanError } from '../kernel/errors.ts'

/** A position in one partition of a service's log. */
interface Mark {
  readonly partition: number
  readonly position: number
}

const SERVICE = /^([a-z][a-zA-Z0-9]*):(\d{1,5}=\d{1,16}(?:,\d{1,5}=\d{1,16})*)$/

/**
 * What a caller has written, and so must see when it reads: for each service the last position in each partition of its log. It goes along
 * with calls and comes back with answers, so nobody has to remember sessions and any replica can keep the guarantee: "read your writes"
 * (Terry et al., "Session guarantees for weakly consistent replicated data", 1994). As text: `orders:12=1042,17=88;payments:3=7`.
 */
export class Session {
  readonly #marks = new Map<string, Map<number, number>>()
  #wrote = false

  /** Throws `malformed_request` for a text that no answer has given. */
  static read(text: string): Session {
    const session = new Session()
    for (const part of text.split(';')) {
      const [, service, marks] = SERVICE.exec(part) ?? []
      if (service === undefined || marks === undefined) throw malformed(text)
      session.#raise(service, marks.split(',').map(markOf))
    }
    return session
  }

  get empty(): boolean {
    return this.#marks.size === 0
  }

  /** Whether something was written since it was read. */
  get wrote(): boolean {
    return this.#wrote
  }

  /** Notes what was committed to a service's log. */
  note(service: string, marks: Iterable<Mark>): void {
    this.#wrote = this.#raise(service, marks) || this.#wrote
  }

  /** Takes over what another says was written. */
  add(other: Session): void {
    for (const [service, marks] of other.#marks)
      this.note(
        service,
        Array.from(marks, ([partition, position]) => ({ partition, position })),
      )
  }

  /** What has to be seen of a service's log, by partition. */
  of(service: string): ReadonlyMap<number, number> | undefined {
    return this.#marks.get(service)
  }

  toString(): string {
    return Array.from(this.#marks, ([service, marks]) => `${service}:${Array.from(marks, (mark) => mark.join('=')).join(',')}`).join(';')
  }

  #raise(service: string, marks: Iterable<Mark>): boolean {
    let raised = false
    for (const { partition, position } of marks) {
      const known = this.#marks.get(service) ?? new Map<number, number>()
      if ((known.get(partition) ?? 0) >= position) continue
      this.#marks.set(service, known.set(partition, position))
      raised = true
    }
    return raised
  }
}

function markOf(text: string): Mark {
  const [partition, position] = text.split('=')
  return { partition: Number(partition), position: Number(position) }
}

function malformed(text: string): BanyanError {
  return new BanyanError('malformed_request', `${JSON.stringify(text.slice(0, 100))} is no session; send back what the last answer said, or nothing`)
}

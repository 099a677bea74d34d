/** An answer as a customer remembers it; status 0: there was none. */
export interface Seen {
  readonly what: string
  readonly status: number
  readonly body: string
}

/** Customers who ask one thing after the other until they are told to stop. */
export interface Traffic {
  /** Waits for so many answers to requests that begin after this was called. */
  more(count: number): Promise<readonly Seen[]>
  /** Answers what all have seen. */
  stop(): Promise<readonly Seen[]>
}

/** One customer for each question, by what it is about. */
export function traffic(questions: Readonly<Record<string, () => Promise<Response>>>): Traffic {
  const answers: { readonly number: number; readonly seen: Seen }[] = []
  let asked = 0
  const over = new AbortController()
  let answered = Promise.withResolvers<void>()

  async function customer(what: string, ask: () => Promise<Response>): Promise<void> {
    while (!over.signal.aborted) {
      const number = asked++
      const seen = await ask()
        .then(async (answer) => ({ what, status: answer.status, body: await answer.text() }))
        .catch((error: unknown) => ({ what, status: 0, body: String(error) }))
      answers.push({ number, seen })
      answered.resolve()
      answered = Promise.withResolvers()
    }
  }
  const customers = Object.entries(questions).map(([what, ask]) => customer(what, ask))

  return {
    async more(count) {
      const from = asked
      for (;;) {
        const later = answers.filter(({ number }) => number >= from)
        if (later.length >= count) return later.map(({ seen }) => seen)
        await answered.promise
      }
    },
    async stop() {
      over.abort()
      await Promise.all(customers)
      return answers.map(({ seen }) => seen)
    },
  }
}

/** What was not answered as it should have been. */
export function failures(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter(({ status }) => status < 200 || status >= 400)
}

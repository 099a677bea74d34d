/** An event of a stream, or a comment. */
export interface ReadEvent {
  readonly event: string
  readonly id: string | undefined
  readonly data: unknown
}

/** A stream of server-sent events, read as a browser reads it (WHATWG HTML §9.2.6). */
export interface EventReader extends AsyncDisposable {
  readonly response: Response
  readonly comments: readonly string[]
  /** The stream's `retry`, in milliseconds. */
  readonly retry: number | undefined
  /** The next event; `undefined` when the stream has ended. */
  next(): Promise<ReadEvent | undefined>
}

export async function readEvents(url: string | URL, headers: Record<string, string> = {}): Promise<EventReader> {
  const leave = new AbortController()
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: leave.signal })
  const comments: string[] = []
  let retry: number | undefined
  const blocks = response.body ? blocksOf(response.body) : undefined
  return {
    response,
    comments,
    get retry() {
      return retry
    },
    async next() {
      for await (const lines of { [Symbol.asyncIterator]: () => ({ next: () => blocks!.next() }) }) {
        const fields = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
        if (fields.has('')) comments.push(fields.get('')!)
        if (fields.has('retry')) retry = Number(fields.get('retry'))
        if (fields.has('data')) return { event: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(fields.get('data')!) as unknown }
      }
      return undefined
    },
    async [Symbol.asyncDispose]() {
      leave.abort()
    },
  }
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string[], undefined> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield text.slice(0, end).split('\n')
      text = text.slice(end + 2)
    }
  }
  return undefined
}

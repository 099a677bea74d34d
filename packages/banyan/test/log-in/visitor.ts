/** A browser as far as cookies, redirects and forms go: it keeps cookies by host and port, and sends what browsers send. */
export class Visitor {
  readonly #jars = new Map<string, Map<string, string>>()

  /** One request, without following where it leads. */
  async ask(
    url: string,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string | URLSearchParams } = {},
  ): Promise<Response> {
    const jar = this.jar(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const gone = attributes.some((attribute) => /^max-age=0$/i.test(attribute) || /^expires=Thu, 01 Jan 1970/i.test(attribute))
      if (gone) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
  }

  /** The cookies that a place has set here. */
  jar(url: string): Map<string, string> {
    const { host } = new URL(url)
    const found = this.#jars.get(host) ?? new Map<string, string>()
    this.#jars.set(host, found)
    return found
  }

  /** Follows redirects as long as they stay away from `stop`; answers the address that was reached, and its page. */
  async follow(from: string, stop: (url: string) => boolean): Promise<{ readonly url: string; readonly page: string }> {
    for (let url = from; ;) {
      if (stop(url)) return { url, page: '' }
      const answer = await this.ask(url)
      const location = answer.headers.get('location')
      if (location === null) return { url, page: await answer.text() }
      url = new URL(location, url).href
    }
  }

  /** Logs in at the provider's pages as somebody, and answers the address that the provider sends the browser back to. */
  async logInAtProvider(start: string, login: string): Promise<string> {
    const back = (url: string) => url.includes('/auth/callback')
    let { url, page } = await this.follow(start, back)
    while (!back(url)) {
      const form = /action="([^"]+)"/.exec(page)?.[1]
      if (form === undefined) throw new Error(`no form at ${url}: ${page}`)
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
      const answer = await this.ask(new URL(form, url).href, { method: 'POST', body: new URLSearchParams({ prompt, login, password: 'x' }) })
      const reached = await this.follow(new URL(answer.headers.get('location') ?? '', url).href, back)
      ;({ url, page } = reached)
    }
    return url
  }
}

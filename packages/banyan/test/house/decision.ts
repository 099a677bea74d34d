const fields = ['number', 'title', 'date', 'status', 'deciders']
const sections = ['Context', 'Drivers', 'Options', 'Outcome', 'Consequences', 'Links']

/** Everything that is wrong with a decision record's form; `docs/decisions/README.md` describes it. */
export function faults(name: string, text: string): readonly string[] {
  const front = /^---\n([^]*?)\n---\n/.exec(text)
  if (!front) return ['it does not begin with front matter between two lines of ---']
  const values = new Map(front[1]!.split('\n').map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]))
  return [...frontFaults(name, values), ...bodyFaults(text.slice(front[0].length), values)]
}

function frontFaults(name: string, values: ReadonlyMap<string, string>): readonly string[] {
  const found = [...values.keys()]
  const checks: readonly [boolean, string][] = [
    [/^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md$/.test(name), 'its name is not NNNN-what-was-decided.md'],
    [found.join() === fields.join(), `its front matter has ${found.join(', ')}; it takes ${fields.join(', ')}`],
    [Number(values.get('number')) === Number(name.slice(0, 4)), `number ${values.get('number')} is not the one of its name`],
    [isDate(values.get('date') ?? ''), `date '${values.get('date')}' is not a date such as 2026-11-21`],
    [/^(proposed|accepted|deprecated|superseded by \d{4})$/.test(values.get('status') ?? ''), `status '${values.get('status')}' is none of the four`],
    [Boolean(values.get('title')), 'title is empty'],
    [Boolean(values.get('deciders')), 'deciders is empty'],
  ]
  return checks.filter(([right]) => !right).map(([, fault]) => fault)
}

function bodyFaults(body: string, values: ReadonlyMap<string, string>): readonly string[] {
  const parts = body.split(/^## /m)
  const titles = parts.slice(1).map((part) => part.split('\n', 1)[0]!.trim())
  const empty = parts.slice(1).filter((part) => part.slice(part.indexOf('\n')).trim() === '' || !part.includes('\n'))
  const heading = `# ${values.get('number')}. ${values.get('title')}`
  return [
    ...(parts[0]!.trim().startsWith(heading) ? [] : [`its heading is not '${heading}'`]),
    ...(titles.join() === sections.join() ? [] : [`its sections are ${titles.join(', ') || 'none'}; they must be ${sections.join(', ')}`]),
    ...empty.map((part) => `section ${part.trim()} is empty`),
  ]
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

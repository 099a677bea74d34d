/**
 * The names that lead from a directory of pages to the file that a request's path asks for, or `undefined` where it asks for none. What
 * is checked is what the file system is given: each segment after decoding, so that no spelling of `..`, a separator or NUL gets through.
 */
export function pagePath(path: string): readonly string[] | undefined {
  if (path === '/') return ['index.html']
  const names: string[] = []
  for (const segment of path.slice(1).split('/')) {
    const name = decoded(segment)
    if (name === undefined || !isPublic(name)) return undefined
    names.push(name)
  }
  return names
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** Not what leads elsewhere, and not what is hidden: `.env` and `.git` may lie beside pages by mistake. */
function isPublic(name: string): boolean {
  return name !== '' && (!name.startsWith('.') || name === '.well-known') && !/[/\\\0:]/.test(name)
}

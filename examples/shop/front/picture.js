const drawn = new Set(['TEA', 'CUP', 'POT', 'LMP', 'BLK', 'CLK', 'BKS', 'PEN', 'SOX', 'UMB'])

/** A drawing of the product, or its first letter where nobody has drawn it yet. It says nothing that the name does not. */
export function picture({ sku, name }) {
  const place = document.createElement('div')
  place.className = `picture tone-${[...sku].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 4}`
  place.setAttribute('aria-hidden', 'true')
  const kind = sku.slice(0, 3)
  if (drawn.has(kind)) {
    const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
    use.setAttribute('href', `pictures.svg#${kind}`)
    drawing.append(use)
    place.append(drawing)
  } else place.textContent = name.trim().charAt(0).toUpperCase()
  return place
}

// Makes elements. Texts from hosts and containers only ever become text nodes and checked attributes.

const SVG = 'http://www.w3.org/2000/svg'

type Attributes = Readonly<Record<string, string>>

export function element(
  name: string,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
  return fill(document.createElement(name), attributes, children)
}

export function drawn(
  name: string,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElement {
  return fill(document.createElementNS(SVG, name), attributes, children)
}

function fill<Made extends Element>(
  made: Made,
  attributes: Attributes,
  children: readonly (Node | string)[],
): Made {
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** Finds an element of page.html. */
export function found(id: string): HTMLElement {
  const it = document.getElementById(id)
  if (it === null) throw new Error(`page.html has no ${id}`)
  return it
}

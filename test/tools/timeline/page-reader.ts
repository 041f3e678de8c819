/** Reads a page as strictly as it is written: every tag well-formed, of a known name, closed in order. Throws otherwise. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const KNOWN = new Set(
  `html head meta title style body header main section nav article h1 h2 h3 p dl div dt dd ul ol li table caption thead tbody tr th td
   a span b bdi code time br details summary`.split(/\s+/),
);
const WITHOUT_CONTENT = new Set(['meta', 'br']);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The elements of the page or a part of it, under one root without a name. */
export function readPage(html: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const [body = ''] = [html.replace(/^<!doctype html>\n/, '')];
  for (const [token] of body.matchAll(/<style>[^<]*<\/style>|<[^>]*>|[^<]+/g)) {
    const parent = open.at(-1) as Element;
    if (!token.startsWith('<')) parent.children.push(decoded(token));
    else if (token.startsWith('<style>'))
      parent.children.push({ name: 'style', attributes: {}, children: [token.slice(7, -8)] });
    else if (token.startsWith('</')) {
      if (token !== `</${parent.name}>`) throw new Error(`${token} inside <${parent.name}>`);
      open.pop();
    } else {
      const element = elementOf(token);
      parent.children.push(element);
      if (!WITHOUT_CONTENT.has(element.name)) open.push(element);
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  return root;
}

/** Elements below that have this class, id (`#id`) or name (`<name>`), in their order. */
export function all(element: Element, wanted: string): Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(matches(child, wanted) ? [child] : []), ...all(child, wanted)],
  );
}

/** Exactly one. */
export function one(element: Element, wanted: string): Element {
  const [found, ...others] = all(element, wanted);
  if (found === undefined || others.length > 0)
    throw new Error(`${others.length + (found ? 1 : 0)} of ${wanted}, expected 1`);
  return found;
}

/** All text, characters that are shown by their code points put back. */
export function text(element: Element): string {
  return element.children
    .map((child) => {
      if (typeof child === 'string') return child;
      if (child.attributes['class'] !== 'mark') return text(child);
      return String.fromCodePoint(Number.parseInt(text(child).slice('U+'.length), 16));
    })
    .join('');
}

function elementOf(token: string): Element {
  const [, name = '', rest] = /^<([a-z0-9]+)((?: [a-z-]+(?:="[^"<>]*")?)*)>$/.exec(token) ?? [];
  if (!KNOWN.has(name)) throw new Error(`Not a tag of a page: ${token}`);
  const attributes = [...(rest ?? '').matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)];
  for (const [, attribute = ''] of attributes) {
    if (attribute.startsWith('on') || attribute === 'style' || attribute === 'src')
      throw new Error(`Not an attribute of a page: ${token}`);
  }
  return {
    name,
    attributes: Object.fromEntries(attributes.map(([, key = '', value = '']) => [key, decoded(value)])),
    children: [],
  };
}

function decoded(source: string): string {
  if (/[<>"']/.test(source)) throw new Error(`Not escaped: ${source.slice(0, 80)}`);
  return source.replace(/&([^;]*);|&/g, (entity, name: string | undefined) => {
    const char = ENTITIES[name ?? ''];
    if (char === undefined) throw new Error(`Not escaped: ${entity}`);
    return char;
  });
}

function matches({ name, attributes }: Element, wanted: string): boolean {
  if (wanted.startsWith('<')) return `<${name}>` === wanted;
  if (wanted.startsWith('#')) return attributes['id'] === wanted.slice(1);
  return (attributes['class'] ?? '').split(' ').includes(wanted);
}

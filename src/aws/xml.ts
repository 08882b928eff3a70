import { parseXML } from '@aws-sdk/xml-builder';

export type Xml = string | readonly Xml[] | { readonly [name: string]: Xml };

/**
 * The content of an XML document's root element as nested objects. Repeated elements are lists, empty elements are
 * empty strings, and `xmlns` and prefixed attributes (`xsi:type`) are left out. @throws if the text is not XML.
 */
export function xmlContent(text: string): Xml {
  const [root = ''] = Object.values(parseXML(text) as Record<string, Xml>);
  return withoutAttributes(root);
}

function withoutAttributes(value: Xml): Xml {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(withoutAttributes);
  const entries = Object.entries(value).filter(([name]) => name !== 'xmlns' && !name.includes(':'));
  if (entries.length === 0) return '';
  // The parser returns the text of an element with attributes as `#text`.
  if (entries.length === 1 && entries[0]?.[0] === '#text') return withoutAttributes(entries[0][1]);
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutAttributes(inner)]));
}

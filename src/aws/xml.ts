import { parseXML } from '@aws-sdk/xml-builder';

export type Xml = string | readonly Xml[] | { readonly [name: string]: Xml };

/**
 * What is in an XML document's root element: nested objects, an element that repeats as a list, an empty one as an empty string.
 * Attributes that say how to read it (`xmlns`, `xsi:type`) are left out. Throws for what is no XML.
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
  // Only text next to an attribute.
  if (entries.length === 1 && entries[0]?.[0] === '#text') return withoutAttributes(entries[0][1]);
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutAttributes(inner)]));
}

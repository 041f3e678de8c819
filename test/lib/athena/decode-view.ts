import type { ViewDefinition } from '../../../lib/athena/view-encoding';

/** The view that `encodeView` made a text of. @throws Error if the text is of another form. */
export function decodeView(text: string): ViewDefinition {
  const base64 = /^\/\* Presto View: (.*) \*\/$/.exec(text)?.[1];
  if (base64 === undefined) {
    throw new Error(`Got ${JSON.stringify(text.slice(0, 40))}, expected "/* Presto View: <base64> */"`);
  }
  return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as ViewDefinition;
}

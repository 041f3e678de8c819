/** A walk longer than this goes round in a circle. */
const MAX_PAGES = 5_000;

/** Every page by its token, from the first one, or from that of a token, on; no more than `most`. Rejects if there is no end. */
export async function pagesOf<P extends { readonly nextToken?: string | undefined }>(
  read: (nextToken: string | undefined) => Promise<P>,
  { most = Number.POSITIVE_INFINITY, from }: { readonly most?: number; readonly from?: string | undefined } = {},
): Promise<P[]> {
  const pages = [await read(from)];
  for (let token = pages[0]?.nextToken; token !== undefined && pages.length < most; token = pages.at(-1)?.nextToken) {
    if (pages.length >= MAX_PAGES) throw new Error(`No end after ${pages.length} pages.`);
    pages.push(await read(token));
  }
  return pages;
}

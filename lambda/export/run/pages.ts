/** More than any list of names has: one that goes on and on must not eat the run. */
const MAX_PAGES = 50;

interface Paged {
  readonly nextToken: string | undefined;
}

export interface Pages<Page> {
  readonly pages: readonly Page[];
  /** False where the list led round in a circle, or went on and on: something may be missing. */
  readonly isWhole: boolean;
}

/** Asks for one page after the other, at most 50, until one has no token or a token that was there before. */
export async function walkPages<Page extends Paged>(
  ask: (nextToken: string | undefined) => Promise<Page>,
): Promise<Pages<Page>> {
  const pages: Page[] = [];
  const seen = new Set<string>();
  let nextToken: string | undefined;
  while (pages.length < MAX_PAGES) {
    const page = await ask(nextToken);
    pages.push(page);
    nextToken = page.nextToken;
    if (nextToken === undefined) return { pages, isWhole: true };
    if (seen.has(nextToken)) break;
    seen.add(nextToken);
  }
  return { pages, isWhole: false };
}

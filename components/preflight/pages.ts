/** Which part of a list a Describe call answers. */
export interface Page {
  Offset: number;
  Limit: number;
}

/** Most entries a page has. */
const pageSize = 100;

/** The vpc service takes the numbers of a page as text in its older actions. */
export const textual = ({ Offset, Limit }: Page) => ({
  Offset: String(Offset),
  Limit: String(Limit),
});

/** The cam service counts pages, from 1. */
export const numbered = ({ Offset, Limit }: Page) => ({ Page: Offset / Limit + 1, Rp: Limit });

/** All pages of a Describe call's list. @param write how the call takes the numbers of a page; as they are by default. */
export async function allPages<T, P = Page>(
  ask: (page: P) => Promise<T[] | undefined>,
  write: (page: Page) => P = (page) => page as P,
): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const page = (await ask(write({ Offset: found.length, Limit: pageSize }))) ?? [];
    found.push(...page);
    if (page.length < pageSize) return found;
  }
}

/** Looks for plain text where none may be, and shows that it would have been found. */

export interface SearchResult {
  readonly files: number;
  readonly bytes: number;
  readonly terms: number;
  /** Terms that were found, with the file. */
  readonly found: readonly string[];
  /** The same search over the same files with one planted text: must be true, or the search proves nothing. */
  readonly findsPlanted: boolean;
}

/** A text may stand in a file as UTF-8 or as UTF-16, which databases and JavaScript use too. */
const forms = (term: string): readonly Buffer[] => [Buffer.from(term, 'utf8'), Buffer.from(term, 'utf16le')];

export function searchFiles(
  files: readonly { readonly file: string; readonly bytes: Buffer }[],
  terms: readonly string[],
): SearchResult {
  const planted = 'a planted sentence that nobody wrote';
  const search = (among: typeof files, wanted: readonly string[]) =>
    wanted.flatMap((term) =>
      among
        .filter(({ bytes }) => forms(term).some((form) => bytes.includes(form)))
        .map(({ file }) => `${term} in ${file}`),
    );
  const middle = files[Math.floor(files.length / 2)];
  const withPlanted =
    middle === undefined
      ? []
      : [
          {
            file: middle.file,
            bytes: Buffer.concat([
              middle.bytes.subarray(0, middle.bytes.length >> 1),
              Buffer.from(planted),
              middle.bytes.subarray(middle.bytes.length >> 1),
            ]),
          },
        ];
  return {
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    terms: terms.length,
    found: search(files, terms),
    findsPlanted: search(withPlanted, [planted]).length === 1,
  };
}

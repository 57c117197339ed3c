// SPDX-License-Identifier: Apache-2.0
// The names of the columns of a cost file, for whoever has to say which is which. The server reads the file; here
// only its header is looked for: the first line with the most cells, for platforms write titles above it.

const HEAD_BYTES = 16_384;
const HEAD_LINES = 40;
const DELIMITERS = [",", ";", "\t"];

function cells(line: string, delimiter: string): string[] {
  const found = [""];
  let isQuoted = false;
  for (const sign of line) {
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === delimiter && !isQuoted) found.push("");
    else found[found.length - 1] += sign;
  }
  return found.map((cell) => cell.trim());
}

// The delimiter is that which makes most lines alike.
export function columnNames(text: string): string[] {
  const lines = text.split(/\r?\n/, HEAD_LINES);
  let header: string[] = [], best = 0;
  for (const delimiter of DELIMITERS) {
    const rows = lines.map((line) => cells(line, delimiter));
    const most = Math.max(...rows.map((row) => row.length));
    const alike = rows.filter((row) => row.length === most);
    if (most > 1 && most * alike.length > best) [header, best] = [alike[0] ?? [], most * alike.length];
  }
  return [...new Set(header)].filter(Boolean);
}

// UTF-16 by its mark, as spreadsheets save it, else UTF-8.
export async function columnsOf(file: Blob): Promise<string[]> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const mark = `${bytes[0]} ${bytes[1]}`;
  return columnNames(new TextDecoder(mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8").decode(bytes));
}

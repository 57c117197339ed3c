// SPDX-License-Identifier: Apache-2.0
// The one way to the server. The login is a cookie that scripts cannot read; what changes something
// carries the login's CSRF token. A login that ended calls `onOver`.

export interface Site {
  id: string;
  name: string;
  currency: string;
  timezone: string;
  model: string;
  role: "owner" | "analyst" | "viewer";
  destinations: Record<string, string>; // what people call each
}
export interface Me {
  user: { email: string; role: string };
  csrf: string;
  sites: Site[];
}

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

let csrf = "";
let onOver = (): void => {};
export const setCsrf = (value: string): void => void (csrf = value);
export const whenOver = (action: () => void): void => void (onOver = action);

async function read(answer: Response): Promise<unknown> {
  const body = (await answer.json().catch(() => null)) as { error?: { code: string; message: string }; lines?: { line: number; code: string; message: string }[] } | null;
  if (answer.ok) return body;
  const error = body?.error ?? { code: "no_answer", message: `The server answered ${answer.status} and no reason; try again.` };
  if (answer.status === 401 && error.code !== "wrong_login") onOver();
  throw new ApiError(answer.status, error.code, [error.message, ...(body?.lines ?? []).map((each) => `Line ${each.line}: ${each.message} (${each.code})`)].join("\n"));
}

export async function get<T>(path: string, query: Record<string, string | number | null | undefined> = {}, signal?: AbortSignal): Promise<T> {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined) params.set(name, String(value));
  const tail = params.toString();
  return (await read(await fetch(path + (tail ? `?${tail}` : ""), { cache: "no-store", ...(signal ? { signal } : {}) }))) as T;
}

// A file goes as it is, as CSV.
export async function send<T>(method: "POST" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  const isFile = body instanceof Blob;
  return (await read(await fetch(path, { method, headers: { "Content-Type": isFile ? "text/csv" : "application/json", "X-CSRF-Token": csrf }, body: isFile ? body : JSON.stringify(body) }))) as T;
}

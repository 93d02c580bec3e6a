import type { Job, Points, Problem } from "./types";

const BASE = "api/v1";

/** What the server refused, or that it cannot be reached (`code` is then "unreachable"). */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.message);
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return problem("unexpected", `Something went wrong in the page: ${String(error)}`);
}

function problem(code: string, message: string, remedy: string | null = null): Problem {
  return { code, message, field: null, got: null, wanted: null, remedy, cells: [] };
}

let tellUnreachable = () => {};

/** Call a function whenever the server does not answer. */
export function whenUnreachable(tell: () => void): void {
  tellUnreachable = tell;
}

function unreachable(): ApiError {
  tellUnreachable();
  const remedy = "Start it again with `bactrian serve`; what you typed is kept here.";
  return new ApiError(problem("unreachable", "The server does not answer.", remedy), 0);
}

/** A file that was opened before this page was, and that the server has forgotten since. */
export function gone(name: string): ApiError {
  const message = `The server no longer holds “${name}”.`;
  return new ApiError(problem("not_found", message, "Open the file again."), 404);
}

/** What a proxy says in the place of a server that does not answer. */
function isSilence(status: number): boolean {
  return status === 502 || status === 504;
}

async function refusal(response: Response): Promise<ApiError> {
  let refused: Problem;
  try {
    refused = (await response.json()) as Problem;
    if (typeof refused.message !== "string") throw new Error();
  } catch {
    refused = problem("unexpected", `The server answered ${response.status}.`);
  }
  return new ApiError(refused, response.status);
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${BASE}/${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (isSilence(response.status)) throw unreachable();
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request(path, { signal })).json() as Promise<T>;
}

export async function getText(path: string): Promise<string> {
  return (await request(path, {})).text();
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body), signal };
  return (await request(path, init)).json() as Promise<T>;
}

export async function remove(path: string): Promise<void> {
  await request(path, { method: "DELETE" });
}

/** Where a file of the server can be downloaded. */
export function address(path: string): string {
  return `${BASE}/${path}`;
}

/** Send a file, and tell which share of it is sent. */
export function upload<T>(
  path: string,
  file: Blob,
  tell: (share: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", `${BASE}/${path}`);
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    sending.responseType = "text";
    sending.upload.onprogress = (event) => tell(event.total ? event.loaded / event.total : 0);
    sending.onerror = () => reject(unreachable());
    sending.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    sending.onload = async () => {
      const response = new Response(sending.responseText, { status: sending.status });
      if (response.ok) resolve((await response.json()) as T);
      else if (isSilence(response.status)) reject(unreachable());
      else reject(await refusal(response));
    };
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/** Rows to draw, of some columns of a data set. */
export async function points(dataset: string, columns: string[], limit: number): Promise<Points> {
  const query = new URLSearchParams([
    ...columns.map((name) => ["column", name]),
    ["limit", String(limit)],
  ]);
  const response = await request(`datasets/${dataset}/points?${query}`, {});
  const numbers = new Float64Array(await response.arrayBuffer());
  const width = columns.length + 1;
  const n = numbers.length / width;
  const total = Number(response.headers.get("X-Bactrian-Rows"));
  const rows = Float64Array.from({ length: n }, (_, i) => numbers[i * width]);
  const values = new Float64Array(n * columns.length);
  for (let i = 0; i < n; i++) {
    values.set(numbers.subarray(i * width + 1, (i + 1) * width), i * columns.length);
  }
  return { columns, n, total, numbers: rows, values };
}

/**
 * Follow a job until it has ended. Each event is the job as it then stands; a connection that
 * breaks is taken up again, and given up after a few seconds of silence of the server.
 */
export function follow(id: string, tell: (job: Job) => void, signal: AbortSignal): Promise<Job> {
  return new Promise((resolve, reject) => {
    const source = new EventSource(`${BASE}/jobs/${id}/events`);
    let lost: ReturnType<typeof setTimeout> | undefined;
    const end = (act: () => void) => {
      clearTimeout(lost);
      source.close();
      act();
    };
    source.onmessage = (event) => {
      clearTimeout(lost);
      lost = undefined;
      const job = JSON.parse(event.data as string) as Job;
      tell(job);
      if (ended(job)) end(() => resolve(job));
    };
    source.onerror = () => {
      lost ??= setTimeout(() => {
        get<Job>(`jobs/${id}`).then(
          (job) => end(() => (ended(job) ? resolve(job) : reject(unreachable()))),
          (error) => end(() => reject(error)),
        );
      }, 1500);
    };
    signal.addEventListener("abort", () =>
      end(() => reject(new DOMException("left", "AbortError"))),
    );
  });
}

export function ended(job: Job): boolean {
  return job.status !== "queued" && job.status !== "running";
}

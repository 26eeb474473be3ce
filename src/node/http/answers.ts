/** Short answers: text, JSON, and errors as a status with a text or JSON body. */
import type { ServerResponse } from "node:http";
import type { ErrorCode, ReelmeshError } from "../../core/errors.js";
import type { Exchange, Service } from "./listen.js";

/** A body that is small and in memory. HEAD gets the header alone. */
export interface ShortAnswer {
  status?: number;
  type?: string;
  body: string;
}

type Asked = Pick<Exchange, "request" | "response" | "common" | "bodyBytes">;

export function answer(exchange: Asked, short: ShortAnswer): void {
  const { request, response, common } = exchange;
  const body = Buffer.from(short.body);
  response.writeHead(short.status ?? 200, [
    ...(common ?? []),
    ...["Content-Type", short.type ?? "text/plain; charset=utf-8"],
    ...["Content-Length", String(body.byteLength)],
    ...["X-Content-Type-Options", "nosniff"],
  ]);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  exchange.bodyBytes = body.byteLength;
  response.end(body);
}

export function answerJson(exchange: Asked, value: unknown, status = 200): void {
  answer(exchange, { status, type: "application/json", body: `${JSON.stringify(value)}\n` });
}

/** Answers an error as text, or as JSON `{code, message}`; ends the connection when an answer has begun already. */
export function answerError(exchange: Asked, error: ReelmeshError, format: Service["errors"]): void {
  const { response } = exchange;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = statusOf(error);
  forgetContent(response);
  response.setHeader("Cache-Control", "no-store");
  if (status === 503) response.setHeader("Retry-After", "2");
  const { code } = error;
  // What this node itself lacks (paths, disks) is for its log and its peers, not for any viewer.
  const message =
    format === "text" && status >= 500 && status !== 503 ? "this node failed; its log says why" : error.message;
  if (format === "json") answerJson(exchange, { code, message }, status);
  else answer(exchange, { status, body: `${message}\n` });
}

/** True when the method is one of these. Else it has been answered: 204 for OPTIONS, 405 for others (RFC 9110, 15.5.6). */
export function allows(exchange: Exchange, methods: string[]): boolean {
  const { request, response } = exchange;
  if (request.method !== undefined && methods.includes(request.method)) return true;
  response.setHeader("Allow", [...methods, "OPTIONS"].join(", "));
  if (request.method === "OPTIONS") response.writeHead(204, exchange.common).end();
  else {
    const body = `${request.method} is not allowed here; use ${methods.join(" or ")}\n`;
    answer(exchange, { status: 405, body });
  }
  return false;
}

/** The HTTP status of an error (RFC 9110, section 15; 507: RFC 4918, section 11.5). */
export function statusOf(error: ReelmeshError): number {
  if (error.code === "ENVIRONMENT" && lacksRoom(error.cause)) return 507;
  return STATUS[error.code];
}

const STATUS: Record<ErrorCode, number> = {
  INVALID_INPUT: 422,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAVAILABLE: 503,
  NOT_COORDINATOR: 503,
  ENVIRONMENT: 500,
  CORRUPT: 500,
  MEDIA: 422,
  OTHER_FRAMES: 422,
  ABORTED: 503,
  INTERNAL: 500,
};

function lacksRoom(cause: unknown): boolean {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** Takes back what was said of a body that does not come now. */
export function forgetContent(response: ServerResponse): void {
  for (const name of ["ETag", "Accept-Ranges", "Content-Range", "Vary"]) response.removeHeader(name);
}

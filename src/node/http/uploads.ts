/**
 * `/uploads` on both listeners. The peers' is for the mesh's operators; on the viewers', which anybody may reach, an
 * upload needs the token that the operator has chosen.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerJson } from "./answers.js";
import type { Exchange } from "./listen.js";

/** Answers what is at or below /uploads. */
export interface Uploads {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * An upload on the peers' listener. Web pages are refused, whatever they were opened from: one in the browser of an
 * operator could reach this node where its author could not.
 */
export async function receiveUpload({ request, response }: Exchange, uploads: Uploads): Promise<void> {
  if (request.headers.origin === undefined) return uploads.handle(request, response);
  const message = "web pages may not upload here; use the viewers' address, with a token";
  answerJson({ request, response }, { code: "INVALID_INPUT", message }, 403);
}

/** An upload on the viewers' listener: `Authorization: Bearer <token>` (RFC 6750, section 2.1). */
export async function receivePublicUpload(
  { request, response }: Exchange,
  uploads: Uploads,
  token: string,
): Promise<void> {
  // A browser asks first without a token whether its page may send one (Fetch standard, section 3.2.2).
  const shown = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (request.method === "OPTIONS" || isSame(shown, token)) return uploads.handle(request, response);
  response.setHeader("WWW-Authenticate", 'Bearer realm="reelmesh uploads"');
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Access-Control-Allow-Origin", "*");
  const message = "an upload needs the token of --upload-token-file: Authorization: Bearer <token>";
  answerJson({ request, response }, { code: "INVALID_INPUT", message }, 401);
}

/** Takes as long whatever is wrong with it. */
function isSame(shown: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(shown), digest(token));
}

/** What a store checks of what it is given: owners, and bytes that were announced. */
import { ReelmeshError } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";

/** Printable, so that owner and hash can share a key. */
const OWNER = /^\P{Cc}{1,500}$/u;

/** INVALID_INPUT. */
export function checkOwner(owner: string): void {
  if (OWNER.test(owner)) return;
  const message = `an owner is 1 to 500 characters without control characters, not ${JSON.stringify(owner.slice(0, 80))}`;
  throw new ReelmeshError("INVALID_INPUT", message);
}

/** CORRUPT as soon as more has come than was expected, before it fills the disk. */
export function checkLength(bytes: number, expect: BlobReference): void {
  if (bytes <= expect.bytes) return;
  const message = `blob ${expect.sha256} should have ${expect.bytes} bytes and more arrived; fetch it from another holder`;
  throw new ReelmeshError("CORRUPT", message);
}

/** CORRUPT. */
export function checkExpected(received: BlobReference, expect: BlobReference): void {
  if (received.sha256 === expect.sha256 && received.bytes === expect.bytes) return;
  const message = `blob ${expect.sha256} of ${expect.bytes} bytes was expected, and ${received.sha256} of ${received.bytes} bytes arrived; fetch it from another holder`;
  throw new ReelmeshError("CORRUPT", message);
}

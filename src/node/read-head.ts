import { open } from "node:fs/promises";
import { SNIFF_BYTES } from "../core/source-check.js";

/** The first bytes of a file: what `sniff` needs. */
export async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

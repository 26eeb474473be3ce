/** What a node that cannot start says: which flag, why, and what to do, and no error number of the system. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listen } from "../../src/node/http/listen.js";
import { viewersService } from "../../src/node/http/viewers-server.js";
import { readToken } from "../../src/node/upload-token.js";
import { temporaryFolder } from "../support/temporary.js";

describe("a node that cannot start", () => {
  const said = async (starting: Promise<unknown>): Promise<string> => {
    const error = await starting.then(
      () => assert.fail("it started"),
      (thrown: Error) => thrown,
    );
    assert.doesNotMatch(error.message, /\bE[A-Z]{4,}\b/);
    return error.message;
  };

  it("names the token's file", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "token");
    const next = "make one with: openssl rand -hex 24";
    assert.equal(
      await said(readToken(file)),
      `--upload-token-file ${file} cannot be read: there is no such file; ${next} > ${file}`,
    );
    assert.match(await said(readToken(folder)), /cannot be read: it is a folder; make one/);
    await writeFile(file, "short\n");
    assert.match(
      await said(readToken(file)),
      /^the first line of --upload-token-file .* 16 characters or more; make one/,
    );
    await writeFile(file, "0123456789abcdef0123\nanything\n");
    assert.equal(await readToken(file), "0123456789abcdef0123");
  });

  it("names the address", async () => {
    const service = viewersService({} as never);
    const at = (host: string) => listen(service, { host, port: 0, report: () => undefined });
    const next = "choose another --listen address or port (0 picks a free one)";
    // Kept for documentation (RFC 5737): no machine has it.
    assert.equal(
      await said(at("192.0.2.1")),
      `cannot listen for HTTP on 192.0.2.1:0: this machine has no such address; ${next}`,
    );
  });
});

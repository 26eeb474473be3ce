import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Client, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { service as health } from "grpc-health-check";
import { after, before, describe, it } from "mocha";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type Method } from "../../src/node/grpc/client.js";
import { type GrpcServer, startGrpcServer, unary } from "../../src/node/grpc/server.js";
import { services } from "../../src/node/proto.js";

const soon = { deadlineMs: 60_000 };
const unused = unary<unknown, never>(async () => assert.fail("not part of this test"));

describe("the standard services beside a node's own", () => {
  let server: GrpcServer;
  before(async () => {
    const implementation = { GetStatus: unused, ListNodes: unused, Join: unused, Hold: unused };
    server = await startGrpcServer({
      host: "127.0.0.1",
      port: 0,
      credentials: meshCredentials().grpcServer,
      services: [{ definition: services.Node, implementation }],
    });
  });
  after(() => server.stop());

  it("grpc.health.v1: serving as a whole and by service, NOT_FOUND for others", async () => {
    const clients = createPeerClients(meshCredentials().grpcChannel);
    const check = health.Check as unknown as Method<{ service: string }, { status: string }>;
    try {
      assert.equal((await clients.call(server.address, check, { service: "" }, soon)).status, "SERVING");
      const named = await clients.call(server.address, check, { service: "reelmesh.v1.Node" }, soon);
      assert.equal(named.status, "SERVING");
      await assert.rejects(clients.call(server.address, check, { service: "other" }, soon), { code: "NOT_FOUND" });
    } finally {
      clients.close();
    }
  });

  it("grpc.health.v1: says NOT_SERVING to those who watch when the node stops", async () => {
    const options = { host: "127.0.0.1", port: 0, credentials: meshCredentials().grpcServer, services: [] };
    const stopping = await startGrpcServer(options);
    const clients = createPeerClients(meshCredentials().grpcChannel);
    const watch = health.Watch as unknown as Method<{ service: string }, { status: string }>;
    const seen: string[] = [];
    try {
      for await (const { status } of clients.stream(stopping.address, watch, { service: "" }, soon)) {
        seen.push(status);
        if (seen.length === 2) break;
        void stopping.stop();
      }
    } finally {
      clients.close();
      await stopping.stop();
    }
    assert.deepEqual(seen, ["SERVING", "NOT_SERVING"]);
  });

  for (const version of ["v1", "v1alpha"]) {
    it(`grpc.reflection.${version}: lists the services and gives the files that define them`, async () => {
      const listed = await reflect(server.address, version, { listServices: "" });
      const names = listed.listServicesResponse?.service.map(({ name }) => name) ?? [];
      for (const name of ["reelmesh.v1.Node", "reelmesh.v1.Jobs", "grpc.health.v1.Health"]) {
        assert(names.includes(name), `${name} is not among ${names}`);
      }
      const found = await reflect(server.address, version, { fileContainingSymbol: "reelmesh.v1.Node.GetStatus" });
      const files = found.fileDescriptorResponse?.fileDescriptorProto ?? [];
      assert(files.some((bytes) => bytes.includes("NodeStatus") && bytes.includes("reelmesh.v1")));
      const missing = await reflect(server.address, version, { fileContainingSymbol: "reelmesh.v1.Nothing" });
      assert.equal(missing.errorResponse?.errorCode, status.NOT_FOUND);
    });
  }
});

interface ReflectionResponse {
  listServicesResponse?: { service: { name: string }[] };
  fileDescriptorResponse?: { fileDescriptorProto: Buffer[] };
  errorResponse?: { errorCode: number };
}

/** One question over the reflection protocol, by a client that knows nothing but the published .proto file. */
async function reflect(address: string, version: string, question: object): Promise<ReflectionResponse> {
  const folder = resolve(createRequire(import.meta.url).resolve("@grpc/reflection"), "../../proto");
  const file = `grpc/reflection/${version}/reflection.proto`;
  const definition = loadSync(file, { includeDirs: [folder], oneofs: true });
  const service = definition[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition;
  const method = service.ServerReflectionInfo;
  assert(method !== undefined);
  const client = new Client(address, meshCredentials().grpcChannel, { "grpc.use_local_subchannel_pool": 1 });
  try {
    const call = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
    const ended = new Promise<Metadata | ServiceError>((done) => call.once("error", done).once("end", done));
    call.write(question);
    const [response] = await once(call, "data");
    call.end();
    await ended;
    return response;
  } finally {
    client.close();
  }
}

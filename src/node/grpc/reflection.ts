/**
 * Server reflection (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md), v1 and v1alpha. What it answers
 * from takes a quarter of a second to make, and hardly anybody asks: it is made at the first question.
 */
import type { handleBidiStreamingCall, Server, ServiceDefinition } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

type Answer = handleBidiStreamingCall<unknown, unknown>;

interface Version {
  definition: ServiceDefinition;
  implementation: { ServerReflectionInfo: Answer };
}

/** Adds it for what `read` gives. */
export function addReflection(server: Server, read: () => PackageDefinition): void {
  let made: Version[] | undefined;
  for (const [place, { definition }] of versionsOf({}).entries()) {
    server.addService(definition, {
      ServerReflectionInfo: (stream: Parameters<Answer>[0]) => {
        made ??= versionsOf(read());
        made[place]?.implementation.ServerReflectionInfo(stream);
      },
    });
  }
}

/** Always in the same order. */
function versionsOf(described: PackageDefinition): Version[] {
  const versions: Version[] = [];
  const taker = {
    addService: (definition: ServiceDefinition, implementation: unknown) => {
      versions.push({ definition, implementation: implementation as Version["implementation"] });
    },
  };
  new ReflectionService(described).addToServer(taker);
  return versions;
}

import { type ChannelCredentials, credentials, ServerCredentials } from "@grpc/grpc-js";

/** What each adapter shows to its peers and asks of them. */
export interface MeshCredentials {
  grpcServer: ServerCredentials;
  grpcChannel: ChannelCredentials;
}

/**
 * The one place that hands credentials to adapters. A mesh without an authority has none to hand: its nodes listen on
 * loopback unless told otherwise. Certificates and join tokens belong here when the mesh has them.
 */
export function meshCredentials(): MeshCredentials {
  return { grpcServer: ServerCredentials.createInsecure(), grpcChannel: credentials.createInsecure() };
}

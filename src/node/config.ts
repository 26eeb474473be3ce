/** How a node is started, as read from the command line. */
export interface NodeConfig {
  /** Folder of everything that the node keeps, absolute. */
  data: string;
  name: string;
  /** host:port of the gRPC listener of a node of the mesh to join. */
  join?: string;
  /** Addresses of NATS servers that are run by somebody else, instead of the node's own. */
  nats?: string[];
  /** Begins the mesh anew from what this node knows, with a NATS server of its own: the old ones are gone for good. */
  newCore?: boolean;
  /** Address to listen on; loopback when absent. */
  listen?: string;
  /** Host that peers and viewers are told; the one listened on when absent. */
  advertise?: string;
  /** Ports; 0 picks a free one. */
  grpcPort: number;
  httpPort: number;
  peerPort: number;
  natsPort: number;
  routePort: number;
  /** Seconds for which a node of the core may be away before another takes its slot. */
  corePatience: number;
  /** Encodes at once; "auto": as many as the machine bears. */
  slots: number | "auto";
  log: "json" | "pretty";
  /** PEM files of the viewers' listener: HTTPS and HTTP/2 instead of HTTP. Both or none. */
  tlsCert?: string;
  tlsKey?: string;
  /** File of the viewers' requests; "-": standard output. */
  accessLog?: string;
  /** The server in front sends the bytes of large files itself. */
  sendFile?: "x-accel-redirect" | "x-sendfile";
  /** URLs of caches that are told when an asset has gone. */
  purge?: string[];
}

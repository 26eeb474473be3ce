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
  /** Copies of each blob, where there are more than five nodes. */
  replicas: number;
  /** Seconds for which a node may be away before its copies are made elsewhere. */
  copyPatience: number;
  /** Encodes at once; "auto": as many as the machine bears. */
  slots: number | "auto";
  /** Most bytes of a source that comes from outside. */
  uploadLimit: number;
  /** File with the token with which viewers' HTTP takes uploads; it takes none when absent. */
  uploadTokenFile?: string;
  /** Hosts, addresses and networks from which sources may be fetched though they are not public. */
  allowSource: string[];
  /** Address of an S3 server of one's own; Amazon's when absent. */
  s3Endpoint?: string;
  s3Region: string;
  /** Bytes that blobs may have together; infinite when there is no limit but the disk's. */
  quota: number;
  /** How fast blobs are compared with their names, in megabytes (10^6) a second; 0: not at all. */
  scrubRate: number;
  /** Hours from one comparison of a blob to the next. */
  scrubEvery: number;
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

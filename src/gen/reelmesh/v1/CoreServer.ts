// Original file: proto/reelmesh/v1/log.proto


export interface CoreServer {
  /**
   * 1 to 3. The slot is the server's identity in the cluster, whichever node runs it.
   */
  'slot'?: (number);
  'nodeId'?: (string);
  /**
   * host:port for clients and for the other servers.
   */
  'client'?: (string);
  'route'?: (string);
}

export interface CoreServer__Output {
  /**
   * 1 to 3. The slot is the server's identity in the cluster, whichever node runs it.
   */
  'slot': (number);
  'nodeId': (string);
  /**
   * host:port for clients and for the other servers.
   */
  'client': (string);
  'route': (string);
}

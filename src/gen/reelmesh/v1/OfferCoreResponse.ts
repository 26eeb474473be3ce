// Original file: proto/reelmesh/v1/node.proto


/**
 * host:port for clients and for the other servers.
 */
export interface OfferCoreResponse {
  'client'?: (string);
  'route'?: (string);
}

/**
 * host:port for clients and for the other servers.
 */
export interface OfferCoreResponse__Output {
  'client': (string);
  'route': (string);
}

// Original file: proto/reelmesh/v1/node.proto


export interface CoreSlot {
  'slot'?: (number);
  'nodeId'?: (string);
  'nodeName'?: (string);
  /**
   * host:port for clients.
   */
  'client'?: (string);
  /**
   * "up", "starting" (its node is there, its server not yet), "orphaned" (its node is not heard, and the copy on
   * the server is current), "away" (neither is there) or "unknown".
   */
  'state'?: (string);
}

export interface CoreSlot__Output {
  'slot': (number);
  'nodeId': (string);
  'nodeName': (string);
  /**
   * host:port for clients.
   */
  'client': (string);
  /**
   * "up", "starting" (its node is there, its server not yet), "orphaned" (its node is not heard, and the copy on
   * the server is current), "away" (neither is there) or "unknown".
   */
  'state': (string);
}

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
   * "up", "starting" (its node is there, its server not yet), "away" (its node is not heard) or "unknown".
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
   * "up", "starting" (its node is there, its server not yet), "away" (its node is not heard) or "unknown".
   */
  'state': (string);
}

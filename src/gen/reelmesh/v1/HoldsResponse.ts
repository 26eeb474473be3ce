// Original file: proto/reelmesh/v1/node.proto


export interface HoldsResponse {
  /**
   * In the order of the request.
   */
  'held'?: (boolean)[];
}

export interface HoldsResponse__Output {
  /**
   * In the order of the request.
   */
  'held': (boolean)[];
}

// Original file: proto/reelmesh/v1/coordinator.proto


export interface ClaimRequest {
  'nodeId'?: (string);
  /**
   * How long to wait for work, in milliseconds; at most 25,000.
   */
  'waitMs'?: (number);
}

export interface ClaimRequest__Output {
  'nodeId': (string);
  /**
   * How long to wait for work, in milliseconds; at most 25,000.
   */
  'waitMs': (number);
}

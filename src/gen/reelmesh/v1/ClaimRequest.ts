// Original file: proto/reelmesh/v1/coordinator.proto


export interface ClaimRequest {
  'nodeId'?: (string);
  /**
   * How long to wait for work, in milliseconds; at most 25,000.
   */
  'waitMs'?: (number);
  /**
   * Only work that leaves most of the processor to others: planning, packaging, an audio track.
   */
  'light'?: (boolean);
}

export interface ClaimRequest__Output {
  'nodeId': (string);
  /**
   * How long to wait for work, in milliseconds; at most 25,000.
   */
  'waitMs': (number);
  /**
   * Only work that leaves most of the processor to others: planning, packaging, an audio track.
   */
  'light': (boolean);
}

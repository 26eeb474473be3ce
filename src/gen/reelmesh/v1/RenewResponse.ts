// Original file: proto/reelmesh/v1/coordinator.proto


export interface RenewResponse {
  /**
   * False: stop the work, nobody wants it.
   */
  'wanted'?: (boolean);
  /**
   * Renew again after this many milliseconds.
   */
  'renewAfterMs'?: (number);
}

export interface RenewResponse__Output {
  /**
   * False: stop the work, nobody wants it.
   */
  'wanted': (boolean);
  /**
   * Renew again after this many milliseconds.
   */
  'renewAfterMs': (number);
}

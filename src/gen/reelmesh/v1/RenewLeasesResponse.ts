// Original file: proto/reelmesh/v1/coordinator.proto


export interface RenewLeasesResponse {
  /**
   * Leases whose work is to stop: nobody wants it.
   */
  'unwanted'?: (string)[];
  /**
   * Renew again after this many milliseconds.
   */
  'renewAfterMs'?: (number);
}

export interface RenewLeasesResponse__Output {
  /**
   * Leases whose work is to stop: nobody wants it.
   */
  'unwanted': (string)[];
  /**
   * Renew again after this many milliseconds.
   */
  'renewAfterMs': (number);
}

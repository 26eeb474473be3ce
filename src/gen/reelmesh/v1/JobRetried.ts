// Original file: proto/reelmesh/v1/log.proto


/**
 * A failed job goes on from what it had finished.
 */
export interface JobRetried {
  'job'?: (string);
}

/**
 * A failed job goes on from what it had finished.
 */
export interface JobRetried__Output {
  'job': (string);
}

// Original file: proto/reelmesh/v1/log.proto


export interface JobCancelled {
  'job'?: (string);
}

export interface JobCancelled__Output {
  'job': (string);
}

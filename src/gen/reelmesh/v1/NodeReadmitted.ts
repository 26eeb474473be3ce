// Original file: proto/reelmesh/v1/log.proto


export interface NodeReadmitted {
  'nodeId'?: (string);
}

export interface NodeReadmitted__Output {
  'nodeId': (string);
}

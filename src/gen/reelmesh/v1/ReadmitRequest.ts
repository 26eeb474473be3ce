// Original file: proto/reelmesh/v1/coordinator.proto


export interface ReadmitRequest {
  'nodeId'?: (string);
}

export interface ReadmitRequest__Output {
  'nodeId': (string);
}

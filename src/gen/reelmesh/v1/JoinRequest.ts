// Original file: proto/reelmesh/v1/node.proto


export interface JoinRequest {
  'name'?: (string);
  'version'?: (string);
}

export interface JoinRequest__Output {
  'name': (string);
  'version': (string);
}

// Original file: proto/reelmesh/v1/node.proto


export interface ServeCoreResponse {
}

export interface ServeCoreResponse__Output {
}

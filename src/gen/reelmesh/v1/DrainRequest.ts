// Original file: proto/reelmesh/v1/node.proto


export interface DrainRequest {
}

export interface DrainRequest__Output {
}

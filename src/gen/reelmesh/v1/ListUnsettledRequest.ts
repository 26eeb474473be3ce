// Original file: proto/reelmesh/v1/node.proto


export interface ListUnsettledRequest {
}

export interface ListUnsettledRequest__Output {
}

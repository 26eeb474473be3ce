// Original file: proto/reelmesh/v1/node.proto


export interface HoldResponse {
}

export interface HoldResponse__Output {
}

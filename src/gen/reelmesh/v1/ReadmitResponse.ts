// Original file: proto/reelmesh/v1/coordinator.proto


export interface ReadmitResponse {
}

export interface ReadmitResponse__Output {
}

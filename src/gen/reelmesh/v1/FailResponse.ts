// Original file: proto/reelmesh/v1/coordinator.proto


export interface FailResponse {
}

export interface FailResponse__Output {
}

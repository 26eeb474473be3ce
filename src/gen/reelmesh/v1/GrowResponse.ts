// Original file: proto/reelmesh/v1/coordinator.proto


export interface GrowResponse {
}

export interface GrowResponse__Output {
}

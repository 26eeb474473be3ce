// Original file: proto/reelmesh/v1/coordinator.proto


export interface RememberResponse {
}

export interface RememberResponse__Output {
}

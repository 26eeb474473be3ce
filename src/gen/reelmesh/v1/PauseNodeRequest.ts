// Original file: proto/reelmesh/v1/node.proto


export interface PauseNodeRequest {
}

export interface PauseNodeRequest__Output {
}

// Original file: proto/reelmesh/v1/node.proto


export interface ResumeNodeRequest {
}

export interface ResumeNodeRequest__Output {
}

// Original file: proto/reelmesh/v1/jobs.proto


export interface ListAssetsRequest {
}

export interface ListAssetsRequest__Output {
}
